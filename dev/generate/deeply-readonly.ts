/** Makes every property and every list of generated interfaces readonly. */
import ts from 'typescript';

interface Insertion {
  readonly position: number;
  readonly text: string;
}

/** The same source with `readonly` before each property and each array type; comments and layout stay. */
export function deeplyReadonly(source: string): string {
  const insertions = insertionsIn(ts.createSourceFile('generated.ts', source, ts.ScriptTarget.Latest, true));
  return insertions
    .toSorted((a, b) => b.position - a.position)
    .reduce((text, { position, text: inserted }) => text.slice(0, position) + inserted + text.slice(position), source);
}

function insertionsIn(file: ts.SourceFile): readonly Insertion[] {
  const insertions: Insertion[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isPropertySignature(node) || ts.isArrayTypeNode(node)) {
      insertions.push({ position: node.getStart(file), text: 'readonly ' });
    }
    node.forEachChild(visit);
  };
  visit(file);
  return insertions;
}
