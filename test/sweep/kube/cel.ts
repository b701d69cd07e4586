/**
 * The Common Expression Language, as far as the rules of the custom resource definitions use it: a rule that needs more
 * fails when it is first read, and not in silence.
 */
type Scope = Readonly<Record<string, unknown>>;
type Expression = (scope: Scope) => unknown;

const TOKEN = /\s*('(?:[^'\\]|\\.)*'|\d+|[A-Za-z_]\w*|\|\||&&|[=!<>]=|[-+!<>().,[\]])/y;

const compiled = new Map<string, Expression>();

/** @throws Error about a rule that cannot be read */
export const compile = (rule: string): Expression => {
  const expression = compiled.get(rule) ?? new Parser(rule).parse();
  compiled.set(rule, expression);
  return expression;
};

/** Whether a rule holds for a value and what stood in its place before. */
export const holds = (rule: string, self: unknown, oldSelf: unknown): boolean =>
  compile(rule)({ self, oldSelf }) === true;

type Binary = (left: Expression, right: Expression) => Expression;

const comparison =
  (compare: (left: unknown, right: unknown) => boolean): Binary =>
  (left, right) =>
  (scope) =>
    compare(left(scope), right(scope));

/** Weakest first. */
const LEVELS: readonly Readonly<Record<string, Binary>>[] = [
  { '||': (left, right) => (scope) => left(scope) === true || right(scope) === true },
  { '&&': (left, right) => (scope) => left(scope) === true && right(scope) === true },
  {
    '==': comparison((left, right) => left === right),
    '!=': comparison((left, right) => left !== right),
    '<': comparison((left, right) => (left as number) < (right as number)),
    '>': comparison((left, right) => (left as number) > (right as number)),
  },
];

type Method = (target: never, argument: unknown) => unknown;

const METHODS: Readonly<Record<string, Method>> = {
  size: (target: string | readonly unknown[]) => target.length,
  lowerAscii: (target: string) => target.replace(/[A-Z]/g, (letter) => letter.toLowerCase()),
  split: (target: string, separator) => target.split(separator as string),
  matches: (target: string, pattern) => new RegExp(pattern as string).test(target),
  startsWith: (target: string, start) => target.startsWith(start as string),
  endsWith: (target: string, end) => target.endsWith(end as string),
  contains: (target: string, part) => target.includes(part as string),
};

type Macro = (target: readonly unknown[], each: (item: unknown) => unknown) => unknown;

const MACROS: Readonly<Record<string, Macro>> = {
  all: (target, each) => target.every((item) => each(item) === true),
  map: (target, each) => target.map(each),
  exists_one: (target, each) => target.filter((item) => each(item) === true).length === 1,
};

class Parser {
  readonly #rule: string;
  readonly #tokens: readonly string[];
  #at = 0;

  constructor(rule: string) {
    this.#rule = rule;
    this.#tokens = tokensOf(rule);
  }

  parse(): Expression {
    const expression = this.#binary(0);
    if (this.#at < this.#tokens.length) throw this.#unknown();
    return expression;
  }

  #binary(level: number): Expression {
    const operators = LEVELS[level];
    if (operators === undefined) return this.#unary();
    let left = this.#binary(level + 1);
    for (;;) {
      const combine = operators[this.#peek()];
      if (combine === undefined) return left;
      this.#at++;
      left = combine(left, this.#binary(level + 1));
    }
  }

  #unary(): Expression {
    if (!this.#takes('!')) return this.#member(this.#primary());
    const operand = this.#unary();
    return (scope) => operand(scope) !== true;
  }

  #member(target: Expression): Expression {
    if (this.#takes('[')) {
      const index = this.#binary(0);
      this.#expect(']');
      return this.#member((scope) => (target(scope) as readonly unknown[])[index(scope) as number]);
    }
    if (!this.#takes('.')) return target;
    const name = this.#next();
    if (!this.#takes('(')) return this.#member((scope) => (target(scope) as Scope)[name]);
    return this.#member(name in MACROS ? this.#macro(target, name) : this.#method(target, name));
  }

  #method(target: Expression, name: string): Expression {
    const method = METHODS[name];
    if (method === undefined) throw this.#unknown();
    const argument = this.#peek() === ')' ? () => undefined : this.#binary(0);
    this.#expect(')');
    return (scope) => method(target(scope) as never, argument(scope));
  }

  #macro(target: Expression, name: string): Expression {
    const macro = MACROS[name]!;
    const variable = this.#next();
    this.#expect(',');
    const body = this.#binary(0);
    this.#expect(')');
    return (scope) => macro(target(scope) as readonly unknown[], (item) => body({ ...scope, [variable]: item }));
  }

  #primary(): Expression {
    const token = this.#next();
    if (token === '(') {
      const inner = this.#binary(0);
      this.#expect(')');
      return inner;
    }
    if (token === '[') {
      const only = this.#binary(0);
      this.#expect(']');
      return (scope) => [only(scope)];
    }
    if (token.startsWith("'")) {
      const text = token.slice(1, -1).replace(/\\(.)/g, '$1');
      return () => text;
    }
    if (/^\d/.test(token)) return () => Number(token);
    if (!/^[A-Za-z_]/.test(token)) throw this.#unknown();
    return (scope) => scope[token];
  }

  #peek(): string {
    return this.#tokens[this.#at] ?? '';
  }

  #next(): string {
    const token = this.#peek();
    this.#at++;
    return token;
  }

  #takes(token: string): boolean {
    if (this.#peek() !== token) return false;
    this.#at++;
    return true;
  }

  #expect(token: string): void {
    if (!this.#takes(token)) throw this.#unknown();
  }

  #unknown(): Error {
    return new Error(`the API server in memory cannot read this rule at "${this.#peek()}": ${this.#rule}`);
  }
}

const tokensOf = (rule: string): readonly string[] => {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < rule.trimEnd().length) {
    const token = TOKEN.exec(rule)?.[1];
    if (token === undefined) throw new Error(`the API server in memory cannot read this rule: ${rule}`);
    tokens.push(token);
  }
  return tokens;
};
