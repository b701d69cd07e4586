/** Secrets in every form in which they come along: what a test plants, and what must not come out. */
import fc from 'fast-check';

export interface Planted {
  /** As it stands in a text. */
  readonly text: string;
  /** What must not be found again: long, and part of nothing else. */
  readonly secret: string;
}

/** A form: the text that holds a secret of letters and digits. */
type Form = (secret: string) => string;

const base64url = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** Each under the name by which a test tells of it. */
const forms: Readonly<Record<string, Form>> = {
  'a bearer token': (secret) => `Authorization: Bearer ${secret}`,
  'a bearer token in lower case, without its header': (secret) => `sent bearer ${secret} to it`,
  'two bearer tokens in one header': (secret) => `x-ms-authorization-auxiliary: Bearer abcdefgh, Bearer ${secret}`,
  'basic credentials': (secret) => `"Basic ${secret}"`,
  'a header with a scheme that nobody knows': (secret) => `authorization: Custom user="bob", proof="${secret}"`,
  'a shared key': (secret) => `Authorization: SharedKey account:${secret}`,
  'a cookie': (secret) => `Set-Cookie: a=b; session=${secret}; Path=/`,
  'a header as JSON': (secret) => JSON.stringify({ Authorization: `Digest username="bob", response="${secret}"` }),
  'a JWT': (secret) => `${base64url({ alg: 'RS256' })}.${base64url({ sub: 'x' })}.${secret}`,
  'a JWT that was cut off': (secret) => `${base64url({ alg: 'RS256' })}.${secret}`,
  'an encrypted token of five parts': (secret) => `${base64url({ enc: 'A256GCM' })}.a.b.c.${secret}`,
  'base64 of JSON': (secret) => `${base64url({ alg: 'none' })}${secret}`,
  'a JWT in a word': (secret) => `xx${base64url({ alg: 'RS256' })}.${base64url({ sub: 'x' })}.${secret}`,
  'a poll link': (secret) =>
    `https://management.azure.com/subscriptions/1/operations/2?api-version=2024-07-01&t=638&c=MII&s=${secret}&h=x`,
  'a poll link as Go writes it into JSON': (secret) =>
    `{"link":"https://management.azure.com/op?api-version=2024-07-01\\u0026t=638\\u0026s=${secret}\\u0026h=x"}`,
  'a link without its host': (secret) => `GET /operations/2?t=638&c=${secret} failed`,
  'the query of a link alone': (secret) => `t=${secret}&c=MII&s=x&h=y`,
  'the rest of such a query': (secret) => `api-version=2024-07-01&t=638&c=MII&s=x&h=${secret}`,
  'a SAS link': (secret) => `https://account.blob.core.windows.net/c/b?sv=2024&se=2026&sr=b&sp=r&sig=${secret}`,
  'a SAS link that was encoded': (secret) => `url%3Dhttps%3A%2F%2Fx%3Fsv%3D2024%26sig%3D${secret}`,
  'a connection string': (secret) => `DefaultEndpointsProtocol=https;AccountName=x;AccountKey=${secret}==;Suffix=y`,
  'a password in a URL': (secret) => `http://proxy:${secret}@proxy.example:3128/`,
  'a form body': (secret) => `grant_type=client_credentials&client_secret=${secret}&scope=x`,
  'a variable': (secret) => `AZURE_CLIENT_SECRET=${secret}`,
  'a token in JSON': (secret) => JSON.stringify({ access_token: secret, expires_in: 3600 }),
  'a token in JSON in JSON': (secret) => JSON.stringify({ body: JSON.stringify({ refresh_token: secret }) }),
  'a token in JSON in JSON in JSON': (secret) =>
    JSON.stringify({ a: JSON.stringify({ b: JSON.stringify({ id_token: secret }) }) }),
  'a secret with quotes in JSON': (secret) => JSON.stringify({ password: `it"s 'mine', ${secret}` }),
  'a secret with quotes in JSON in JSON': (secret) =>
    JSON.stringify({ body: JSON.stringify({ password: `it"s 'mine', ${secret}` }) }),
  'a secret within an object in JSON': (secret) => JSON.stringify({ client_secret: { value: [1, secret], at: 1 } }),
  'a secret in an object as Node prints it': (secret) => `{ clientSecret: '${secret}' }`,
  'a secret in YAML': (secret) => `user:\n  client-key-data: ${secret}\n  name: x`,
  'an assertion': (secret) => `client_assertion=${secret}`,
  'the header of a sign-in endpoint': (secret) => `X-IDENTITY-HEADER: ${secret}`,
  'a private key': (secret) => `-----BEGIN RSA PRIVATE KEY-----\n${secret}\n-----END RSA PRIVATE KEY-----`,
  'a private key that was cut off': (secret) => `-----BEGIN PRIVATE KEY-----\nMII\n${secret}`,
  'a private key in JSON': (secret) =>
    JSON.stringify({ pem: `-----BEGIN EC PRIVATE KEY-----\nMII\n${secret}\n-----END EC PRIVATE KEY-----` }),
  'a private key in base64': (secret) =>
    Buffer.from('-----BEGIN PRIVATE KEY-----\n').toString('base64') + `${secret}==`,
};

/** A secret that no text holds by chance. */
export const secrets = fc.stringMatching(/^[A-Za-z0-9]{24,48}$/).map((value) => `s3cr3t${value}`);

/** Any of the forms. */
export const plantedSecrets: fc.Arbitrary<Planted> = fc
  .tuple(fc.constantFrom(...Object.values(forms)), secrets)
  .map(([form, secret]) => ({ text: form(secret), secret }));

/** One secret in each form. */
export const allForms: readonly (readonly [string, Planted])[] = Object.entries(forms).map(([name, form], index) => {
  const secret = `s3cr3tPlantedInOneForm${String(index).padStart(3, '0')}`;
  return [name, { text: form(secret), secret }];
});
