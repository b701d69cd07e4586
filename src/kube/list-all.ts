import { isKubeError } from './errors.ts';
import type { KubeObject } from './object.ts';
import type { ListPage, ResourceClient, Stored } from './resource-client.ts';

export interface ListAllOptions<T extends KubeObject> {
  readonly namespace?: string | undefined;
  readonly pageSize: number;
  readonly signal: AbortSignal;
  /** Called with each page that comes. */
  readonly onPage?: () => void;
  /** What is kept of an object, from when its page comes; left out: all of it. */
  readonly keep?: (object: Stored<T>) => Stored<T>;
}

/**
 * The newest state of a kind by quorum, all of it or an error. It comes in pages, which all show the state of the first;
 * when that state is compacted away while they are fetched (410), everything is asked for again in one piece, as client-go does.
 */
export const listAll = async <T extends KubeObject>(
  client: ResourceClient<T>,
  { namespace, pageSize, signal, onPage, keep = (object) => object }: ListAllOptions<T>,
): Promise<Pick<ListPage<Stored<T>>, 'items' | 'resourceVersion'>> => {
  let page = await client.list({ namespace, limit: pageSize, signal });
  const items = page.items.map(keep);
  while (page.continue !== undefined) {
    onPage?.();
    try {
      page = await client.list({ namespace, limit: pageSize, continue: page.continue, signal });
    } catch (error) {
      if (!isKubeError(error, 'gone')) throw error;
      page = await client.list({ namespace, signal });
      items.length = 0;
    }
    items.push(...page.items.map(keep));
  }
  onPage?.();
  return { items, resourceVersion: page.resourceVersion };
};
