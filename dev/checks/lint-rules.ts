/**
 * The project's own lint rules, as data for ESLint's restrictions.
 *
 * The clock rule: `src/` takes time and randomness as arguments, so that a test can run hours in virtual time and repeat
 * a run exactly. Only `src/runtime/clock.ts` may touch the real ones.
 *
 * The status rule: what an answer of Azure's means is decided once, in `src/azure/errors.ts`. Those who decide what happens
 * next go by the kind of a failure, and know no HTTP status.
 */
import { STATUS_CODES } from 'node:http';

const useClock = 'Take the Clock (src/runtime/clock.ts) as an argument instead';
const useRandom = 'Take the random source (src/runtime/clock.ts) as an argument instead';

const timers = ['setTimeout', 'setInterval', 'setImmediate'];
const timerModules = ['timers', 'timers/promises'];
const randomFunctions = ['randomUUID', 'randomUUIDv7', 'randomBytes', 'randomInt', 'randomFill', 'randomFillSync'];

const bothSpellings = (name: string): string[] => [name, `node:${name}`];

const restrictedGlobals = [...timers, 'performance', 'global'].map((name) => ({
  name,
  message: `${useClock} of ${name}.`,
}));

const ioGlobals = ['process', 'console', 'fetch', 'WebSocket'].map((name) => ({
  name,
  message: `The domain does no I/O: take what ${name} would tell as an argument.`,
}));

const restrictedProperties = [
  { object: 'Date', property: 'now', message: `${useClock} of Date.now.` },
  { object: 'AbortSignal', property: 'timeout', message: `${useClock} of AbortSignal.timeout.` },
  { object: 'process', property: 'hrtime', message: `${useClock} of process.hrtime.` },
  { object: 'Math', property: 'random', message: `${useRandom} of Math.random.` },
  ...['randomUUID', 'getRandomValues'].map((property) => ({ property, message: `${useRandom} of ${property}.` })),
];

const restrictedSyntax = [
  {
    selector: "NewExpression[callee.name='Date'][arguments.length=0]",
    message: `${useClock} of new Date() without an argument.`,
  },
  { selector: "CallExpression[callee.name='Date']", message: `${useClock} of Date().` },
  {
    selector: "MemberExpression[object.name='globalThis'][property.name=/^(Date|Math|AbortSignal|crypto)$/]",
    message: `${useClock} of reaching for it through the global object.`,
  },
  {
    selector: 'ImportExpression[source.value=/^(node:)?(timers|perf_hooks)/]',
    message: `${useClock} of importing timers.`,
  },
];

const restrictedImports = [
  ...[...timerModules, 'perf_hooks'].flatMap(bothSpellings).map((name) => ({
    name,
    message: `${useClock} of ${name}.`,
  })),
  ...bothSpellings('crypto').map((name) => ({
    name,
    importNames: randomFunctions,
    message: `${useRandom} of it.`,
  })),
];

/** ESLint flat-config entry that holds the clock rule. */
export const clockRule = {
  name: 'clock-rule',
  files: ['src/**/*.ts'],
  ignores: ['src/runtime/clock.ts'],
  rules: {
    'no-restricted-globals': ['error', { globals: restrictedGlobals, checkGlobalObject: true }],
    'no-restricted-properties': ['error', ...restrictedProperties],
    'no-restricted-syntax': ['error', ...restrictedSyntax],
    'no-restricted-imports': ['error', { paths: restrictedImports }],
  },
} as const;

const goByKind = 'Go by the kind of the Failure: what a status of Azure means is decided in src/azure/errors.ts';

/** Of refusals and faults; 512, a favourite of bounds, is none. */
const failureStatuses = Object.keys(STATUS_CODES).filter((status) => Number(status) >= 400);
const statusName = '/^status(Code)?$/';
const isStatus = (side: 'left' | 'right'): string =>
  `:matches([${side}.property.name=${statusName}], [${side}.name=${statusName}], [${side}.left.property.name=${statusName}])`;

const statusSyntax = [
  `Literal[raw=/^['"]?(HTTP)?(${failureStatuses.join('|')})['"]?$/]`,
  `TemplateElement[value.raw=/^HTTP(${failureStatuses.join('|')})?$/]`,
  `BinaryExpression${isStatus('left')}[right.raw=/^[0-9]/]`,
  `BinaryExpression${isStatus('right')}[left.raw=/^[0-9]/]`,
  `SwitchStatement[discriminant.property.name=${statusName}] > SwitchCase > Literal[raw=/^[0-9]/]`,
].map((selector) => ({ selector, message: `${goByKind}.` }));

/** ESLint flat-config entry that keeps HTTP statuses from those who decide what happens next. */
export const statusRule = {
  name: 'status-rule',
  files: ['src/{reconcile,identity,api}/**/*.ts'],
  rules: {
    // An entry replaces that of the clock rule, so it holds all of it.
    'no-restricted-syntax': ['error', ...restrictedSyntax, ...statusSyntax],
  },
} as const;

/** ESLint flat-config entry that keeps the domain from I/O through global names, which no import rule can see. */
export const domainRule = {
  name: 'domain-does-no-io',
  files: ['src/{identity,api}/**/*.ts'],
  rules: {
    // An entry replaces that of the clock rule, so it holds all names.
    'no-restricted-globals': ['error', { globals: [...restrictedGlobals, ...ioGlobals], checkGlobalObject: true }],
  },
} as const;
