/** Lays out the documentation comments of generated interfaces as they would be written by hand. */

const WIDTH = 120;

/** The same source with each comment on one line where it fits and wrapped where not, and a blank line before each type. */
export function layOut(source: string): string {
  return source
    .replaceAll(/^( *)\/\*\*\n((?: *\*(?: .*)?\n)+?) *\*\/$/gm, (_, indent: string, lines: string) => {
      return comment(indent, lines.replaceAll(/^ *\* ?/gm, '').trim());
    })
    .replaceAll(/^\}\n/gm, '}\n\n');
}

function comment(indent: string, text: string): string {
  const single = `${indent}/** ${text} */`;
  if (single.length <= WIDTH) return single;
  const lines = wrap(text, WIDTH - indent.length - ' * '.length).map((line) => `${indent} * ${line}`);
  return [`${indent}/**`, ...lines, `${indent} */`].join('\n');
}

function wrap(text: string, width: number): readonly string[] {
  return text.split(/\s+/).reduce<string[]>((lines, word) => {
    const last = lines.at(-1);
    if (last === undefined || last.length + 1 + word.length > width) return [...lines, word];
    return [...lines.slice(0, -1), `${last} ${word}`];
  }, []);
}
