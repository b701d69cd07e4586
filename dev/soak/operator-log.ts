/** The operators' logs, read line by line as they grow. */

export interface LogLine {
  readonly timeMs: number;
  readonly level: string;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** One time as the leader, as the leader itself logged its beginning. */
export interface LoggedTerm {
  /** Of the Lease, which counts how often it has passed on. */
  readonly transitions: number;
  readonly timeMs: number;
}

/** Errors that a soak brings about: the API server or Azure could not be asked, and a pass is tried again. */
const EXPECTED_ERRORS: readonly {
  readonly message: string;
  readonly error: string;
  readonly kinds: readonly string[];
}[] = [
  {
    message: 'pass failed',
    error: 'KubeError',
    kinds: [
      // A binding may be gone, or on its way out, before the operator hears of it.
      'notFound',
      'invalid',
      'conflict',
      'testFailed',
      'alreadyExists',
      'throttled',
      'unavailable',
      'timeout',
      'network',
      'malformed',
      'aborted',
      // An API server that has just been started does not know its users yet.
      'unauthorized',
      'forbidden',
    ],
  },
];
/** Whatever looks like a JSON web token, or a header with a token. */
const TOKEN = /\beyJ[\w-]{10,}\.[\w-]{10,}|\bBearer [\w-]{20,}/i;
/** So many of what should not be there are kept: more tell nothing more. */
const KEPT = 20;

export class OperatorLog {
  readonly terms: LoggedTerm[] = [];
  /** How many lines of each level there were. */
  readonly levels = new Map<string, number>();
  /** How often each message of a warning or an error was written. */
  readonly troubles = new Map<string, number>();
  /** Lines that must not be there, as they were written. */
  readonly unexpected: string[] = [];
  address: string | undefined;
  leads = false;
  #rest = '';

  /** Takes in what has been written since. */
  add(text: string): void {
    const lines = `${this.#rest}${text}`.split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) if (line !== '') this.#read(line);
  }

  #read(line: string): void {
    const parsed = parseLine(line);
    if (parsed === undefined || TOKEN.test(line)) {
      this.#keep(line);
      return;
    }
    const { level, message, fields, timeMs } = parsed;
    count(this.levels, level);
    if (level === 'warn' || level === 'error') count(this.troubles, `${level}: ${message}`);
    if (level === 'error' && !isExpected(parsed)) this.#keep(line);
    if (typeof fields['address'] === 'string') this.address ??= fields['address'];
    if (message === 'leads from now on') {
      this.leads = true;
      this.terms.push({ transitions: Number(fields['transitions'] ?? 0), timeMs });
    }
    if (message.startsWith('leads no more')) this.leads = false;
  }

  #keep(line: string): void {
    if (this.unexpected.length < KEPT) this.unexpected.push(line.slice(0, 2000));
  }
}

/** Undefined for what is no line of the operator's own: a warning of Node's, a stack trace. */
function parseLine(line: string): LogLine | undefined {
  try {
    const { time, level, msg, ...fields } = JSON.parse(line) as Readonly<Record<string, unknown>>;
    if (typeof time !== 'string' || typeof level !== 'string' || typeof msg !== 'string') return undefined;
    return { timeMs: Date.parse(time), level, message: msg, fields };
  } catch {
    return undefined;
  }
}

function isExpected({ message, fields }: LogLine): boolean {
  const { name, kind } = (fields['error'] ?? {}) as { readonly name?: unknown; readonly kind?: unknown };
  return EXPECTED_ERRORS.some(
    (each) => each.message === message && each.error === name && typeof kind === 'string' && each.kinds.includes(kind),
  );
}

function count(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}
