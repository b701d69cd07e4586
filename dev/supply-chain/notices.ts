/** THIRD-PARTY-NOTICES.txt: whose work the bundle is made of, and under which licences. */
import { type BundledPackage, licenceTexts } from './bundled-packages.ts';

const RULE = '='.repeat(80);

/** @param comments the legal comments that esbuild took out of the sources */
export async function notices(packages: readonly BundledPackage[], comments: string): Promise<string> {
  const parts = await Promise.all(
    packages.map(async (each) => {
      const texts = await licenceTexts(each);
      return [`${each.name} ${each.version} (${each.licence})`, ...texts].join('\n\n');
    }),
  );
  const head = `This product contains the software of others, ${String(packages.length)} packages, each under its own licence.`;
  return `${[head, ...parts, comments.trim()].filter((part) => part !== '').join(`\n\n${RULE}\n`)}\n`;
}
