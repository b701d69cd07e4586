/** What a query asks for: enough of PromQL to know which metrics, labels and values it names. Its syntax is promtool's to judge. */

export interface Matcher {
  readonly label: string;
  readonly operator: '=' | '!=' | '=~' | '!~';
  readonly value: string;
}

export interface Selector {
  readonly name: string;
  readonly matchers: readonly Matcher[];
}

const GROUPING = /\b(?:by|without|on|ignoring|group_left|group_right)\s*\(([^)]*)\)/g;
const RANGE = /\[[^\]]*\]/g;
const NAME = /([a-zA-Z_:][\w:]*)\s*(\{[^}]*\}|\()?/g;
const MATCHER = /(\w+)\s*(=~|!~|!=|=)\s*"((?:[^"\\]|\\.)*)"/g;
const WORDS = new Set(['and', 'or', 'unless', 'bool', 'offset', 'inf', 'nan']);

/** Every selector of the query, in its order. */
export function selectorsOf(query: string): readonly Selector[] {
  const bare = query.replaceAll(GROUPING, ' ').replaceAll(RANGE, ' ');
  return [...bare.matchAll(NAME)].flatMap(([, name = '', rest = '']) =>
    rest === '(' || WORDS.has(name.toLowerCase()) || /^[sumhd]$/.test(name)
      ? []
      : [{ name, matchers: matchersIn(rest) }],
  );
}

/** The labels that the query groups by. */
export const groupingOf = (query: string): readonly string[] =>
  [...query.matchAll(GROUPING)].flatMap(([, labels = '']) => labels.split(',').map((label) => label.trim()));

const matchersIn = (braces: string): readonly Matcher[] =>
  [...braces.matchAll(MATCHER)].map(([, label = '', operator = '=', value = '']) => ({
    label,
    operator: operator as Matcher['operator'],
    value,
  }));

/** Whether a value passes, as Prometheus has it: patterns are anchored. */
export function passes({ operator, value }: Matcher, found: string): boolean {
  const fits = operator.endsWith('~') ? new RegExp(`^(?:${value})$`).test(found) : found === value;
  return operator.startsWith('!') ? !fits : fits;
}
