import type { IForbiddenRuleType } from 'dependency-cruiser';

/**
 * Who may import whom, as data for dependency-cruiser. Paths are relative to the repository's root.
 * Type-only imports count like any other, unless a rule says otherwise: a layer must not even know the other's types.
 */
export const importRules: readonly IForbiddenRuleType[] = [
  {
    name: 'domain-is-pure',
    comment: 'src/identity/ and src/api/ import only each other: no Node module, no package, no other layer.',
    severity: 'error',
    from: { path: '^src/(identity|api)/' },
    to: { pathNot: '^src/(identity|api)/' },
  },
  {
    name: 'only-azure-knows-azure',
    comment: 'Only src/azure/ imports the Azure SDKs.',
    severity: 'error',
    from: { path: '^src/', pathNot: '^src/azure/' },
    to: { path: '(^|/)@azure/' },
  },
  {
    name: 'azure-behind-its-port',
    comment: 'Only the files at the top of src/ put src/azure/ in place; all others know the port in src/reconcile/.',
    severity: 'error',
    from: { path: '^src/', pathNot: '^src/(azure/|[^/]+$)' },
    to: { path: '^src/azure/' },
  },
  {
    name: 'reconcile-speaks-no-http',
    comment: 'src/reconcile/ decides by kinds of failures: no HTTP module, whose statuses it would then know.',
    severity: 'error',
    from: { path: '^src/reconcile/' },
    to: { path: '^(node:)?(http2?|https|net|tls)$|(^|/)undici(/|$)' },
  },
  {
    name: 'check-asks-by-ports',
    comment:
      'src/check/ judges what its ports answer: of all other layers it knows the domain, the port to Azure and the clock.',
    severity: 'error',
    from: { path: '^src/check/' },
    to: { pathNot: '^src/(check|api|identity)/|^src/(reconcile/azure-port|runtime/clock)\\.ts$' },
  },
  {
    name: 'only-kube-knows-kubernetes',
    comment: 'Only src/kube/ imports the Kubernetes client.',
    severity: 'error',
    from: { path: '^src/', pathNot: '^src/kube/' },
    to: { path: '(^|/)@kubernetes/client-node' },
  },
  {
    name: 'runtime-knows-no-kind',
    comment: 'src/runtime/ would serve any operator: of the rest of src/ it knows telemetry at most.',
    severity: 'error',
    from: { path: '^src/runtime/' },
    to: { path: '^src/', pathNot: '^src/(runtime|telemetry)/' },
  },
  {
    name: 'runtime-knows-telemetry-by-type',
    comment: 'src/runtime/ is handed its logger and metrics: it imports no more than their types.',
    severity: 'error',
    from: { path: '^src/runtime/' },
    to: { path: '^src/telemetry/', dependencyTypesNot: ['type-only'] },
  },
  {
    name: 'product-stands-alone',
    comment: 'src/ is what ships: it never imports dev/ or test/.',
    severity: 'error',
    from: { path: '^src/' },
    to: { path: '^(dev|test)/' },
  },
  {
    name: 'no-cycle',
    comment: 'Files that import each other in a circle are one file in disguise.',
    severity: 'error',
    from: {},
    to: { circular: true },
  },
  {
    name: 'resolvable',
    comment: 'An import that cannot be followed would hide from every other rule.',
    severity: 'error',
    from: {},
    to: { couldNotResolve: true },
  },
];
