/** What is there in the end, without what differs from run to run: times, versions and made-up ids. */
import { BINDING, LEDGER } from '../../../src/api/types.ts';
import { type ApiObject, keyOfObject } from '../kube/api-object.ts';
import type { World } from '../world.ts';

/** Texts by the name of what they describe. */
export type EndState = ReadonlyMap<string, string>;

const TIME = /\b\d{4}-\d\d-\d\dT[\d:.]+Z/g;
const GUID = /\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g;

/** Which of them is not the operator's to tell: a scale set stays `Failed` after an operation that had all its effect. */
const AT_REST = /^(?:Succeeded|Failed)$/;

export function endStateOf(world: World): EndState {
  const { kube, azure } = world;
  const objects = [BINDING, LEDGER].flatMap((kind) =>
    kube.users.list(kind).map((object) => [kind.kind, object] as const),
  );
  const names = knownGuids(
    world,
    objects.map(([, object]) => object),
  );
  const text = (value: unknown): string =>
    JSON.stringify(value, undefined, 1)
      .replace(TIME, '<time>')
      .replace(GUID, (guid) => names.get(guid) ?? '<guid>');
  const { scaleSets } = azure.snapshot();
  return new Map([
    ...objects.map(([kind, object]) => [`${kind} ${keyOfObject(object)}`, text(lasting(object))] as const),
    ...scaleSets.map(({ id, provisioningState, systemAssigned, userAssigned }) => {
      const identity = userAssigned.toSorted((left, right) => (left.id < right.id ? -1 : 1));
      return [
        `scale set ${id}`,
        text({ isAtRest: AT_REST.test(provisioningState), systemAssigned: systemAssigned !== undefined, identity }),
      ] as const;
    }),
  ]);
}

/** What is in one and not in the other, or not the same. */
export function differences(expected: EndState, found: EndState): readonly string[] {
  return [...new Set([...expected.keys(), ...found.keys()])].flatMap((name) => {
    const [want, have] = [expected.get(name), found.get(name)];
    if (want === have) return [];
    if (want === undefined) return [`in the end there is ${name}: ${have}`];
    return [have === undefined ? `in the end there is no ${name}` : `${name} ends as ${firstDifference(want, have)}`];
  });
}

function firstDifference(want: string, have: string): string {
  const [wanted, found] = [want.split('\n'), have.split('\n')];
  const at = wanted.findIndex((line, index) => line !== found[index]);
  const around = (lines: readonly string[]): string => lines.slice(Math.max(0, at - 2), at + 3).join('\n');
  return `\n${around(found)}\nand not as\n${around(wanted)}`;
}

/** Without what only counts writes. */
const lasting = ({ metadata, ...rest }: ApiObject): object => {
  const { name, namespace, finalizers, labels, annotations, deletionTimestamp } = metadata;
  return { metadata: { name, namespace, finalizers, labels, annotations, deletionTimestamp }, ...rest };
};

/** Ids that are the same thing in every run, whatever they are this time. */
function knownGuids({ azure }: World, objects: readonly ApiObject[]): ReadonlyMap<string, string> {
  const { scaleSets, identities } = azure.snapshot();
  return new Map([
    ...objects.map(({ metadata }) => [metadata.uid, `<uid of ${metadata.namespace ?? ''}/${metadata.name}>`] as const),
    ...scaleSets.map(({ id, uniqueId }) => [uniqueId, `<unique id of ${id}>`] as const),
    ...identities.flatMap(({ id, clientId, principalId }) => [
      [clientId, `<client of ${id}>`] as const,
      [principalId, `<principal of ${id}>`] as const,
    ]),
  ]);
}
