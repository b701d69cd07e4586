/** The names under which secrets stand, whoever writes them: headers, JSON, YAML, variables, fields of objects. */

/** Of HTTP headers: the whole value is a secret, whatever its form. A hyphen stands for `-`, `_` or nothing. */
const headers = ['authorization', 'authorization-auxiliary', 'cookie', 'identity-header'];

/** A name that ends in one of these is that of a secret: `client_secret`, `accessToken`, `AZURE_CLIENT_SECRET`. */
const words = [
  'secret',
  'token',
  'password',
  'passwd',
  'passphrase',
  'pwd',
  'assertion',
  'api-key',
  'access-key',
  'account-key',
  'private-key',
  'functions-key',
  'subscription-key',
  'client-key-data',
  'connection-string',
  'signature',
  'bearer',
  'sig',
];

const all = [...headers, ...words];

/** A pattern for text. */
export const secretNamePattern = all.map((name) => name.replaceAll('-', '[-_]?')).join('|');

const normal = (name: string): string => name.toLowerCase().replace(/[-_.\s]/g, '');
const normalHeaders = headers.map(normal);
const normalNames = all.map(normal);

/** Whether all that follows on the line belongs to the secret. */
export const isSecretHeader = (name: string): boolean => normalHeaders.includes(normal(name));

/** Whether a field of this name is a secret, whatever its value. */
export const isSecretName = (name: string): boolean => {
  const given = normal(name.slice(-longestName));
  return normalNames.some((secret) => given.endsWith(secret) || given.endsWith(`${secret}s`));
};

/** Only the end of a name is looked at. */
const longestName = 100;
