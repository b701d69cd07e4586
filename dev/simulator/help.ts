import { controlRoutes } from './control/routes.ts';

/** What `--help` says after the flags. */
export function helpText(): string {
  const routes = controlRoutes.map(({ method, path, takes }): readonly [string, string] => [
    `${method.padEnd(6)} /_control/${path}`,
    takes,
  ]);
  return `
It runs until it is interrupted (Ctrl-C). Exit codes: 0 it ended in order, 1 it could not start, 2 a flag or the seed is wrong.

Examples:
  npm run simulator -- --seed dev/simulator/seed.example.yaml --ca-file ca.pem
  npm run simulator -- --seed my.yaml --https-port 8443 --http-port 8080 --operation-seconds 0
  npm run simulator -- --api-version 2017-12-01 2018-06-01

A seed is YAML or JSON; dev/simulator/seed.schema.json says what may be in it. Without one there is nothing at all until
/_control/seed brings something.

What it serves, on both ports:
  Resource Manager  tenants, subscriptions, locations, providers, resource groups, scale sets and their instances,
                    user-assigned identities, operations, permissions, /metadata/endpoints
  Entra             /<tenant>/v2.0/.well-known/openid-configuration, /<tenant>/oauth2/v2.0/token, /common/discovery/instance
  IMDS              /metadata/identity/oauth2/token

The control API, on the plain HTTP port only, without a token:
${columns(routes)}
`;
}

const width = 120;

/** Two columns; what does not fit into the second goes on below it. */
function columns(rows: readonly (readonly [string, string])[]): string {
  const first = Math.max(...rows.map(([left]) => left.length)) + 2;
  return rows
    .map(([left, right]) => `  ${left.padEnd(first)}${wrap(right, width - first - 2, first + 2)}`.trimEnd())
    .join('\n');
}

function wrap(text: string, room: number, indent: number): string {
  const lines = text.split(' ').reduce<string[]>((done, word) => {
    const last = done.at(-1);
    if (last === undefined || last.length + 1 + word.length > room) return [...done, word];
    return [...done.slice(0, -1), `${last} ${word}`];
  }, []);
  return lines.join(`\n${' '.repeat(indent)}`);
}
