/** The calls that the pages of the how-to print, as they are printed, run by bash against a simulated Azure. */
import { type Fence, fencesOf } from '../../../dev/docs/markdown.ts';
import { type Page, pagesIn } from '../../../dev/docs/pages.ts';
import type { Curled, CurledAzure } from './curl.ts';

const AZURE = 'https://management.azure.com';
const CALLS = 'With curl';

/** Page of a flow, by its number. */
export async function pageOf(flow: number): Promise<Page> {
  const found = (await pagesIn('docs/how-to')).find(
    ({ path }) => Number.parseInt(path.split('/').at(-1)!, 10) === flow,
  );
  if (found === undefined) throw new Error(`flow ${String(flow)} has no page`);
  return found;
}

/** Every call of a page, in order. */
export const callsOf = ({ text }: Page): readonly string[] =>
  fencesOf(text)
    .filter(({ language, heading }: Fence) => language === 'sh' && heading === CALLS)
    .map((fence) => fence.text);

/** The one call of a page that is made with an api-version. */
export function callWith(page: Page, version: string): string {
  const calls = callsOf(page).filter((call) => call.includes(`?api-version=${version}'`));
  if (calls.length !== 1) throw new Error(`${page.path} has ${String(calls.length)} calls with ${version}, not one`);
  return calls[0]!;
}

/** What a call sends. */
export function bodyOf(call: string): unknown {
  const [, body] = /-d '([^']+)'/.exec(call) ?? [];
  return body === undefined ? undefined : JSON.parse(body);
}

/** Runs a printed call for the scale set of another name, after the call of flow 1 that gets the token. */
export async function runCall(azure: CurledAzure, call: string, scaleSet: string): Promise<Curled> {
  const [login = ''] = callsOf(await pageOf(1));
  const placed = call
    .replaceAll(AZURE, azure.simulator.httpsUrl)
    .replaceAll('/virtualMachineScaleSets/myVMSS', `/virtualMachineScaleSets/${scaleSet}`);
  return azure.bash(`${login}${placed}`);
}
