/** A binding as the demo reads it. */
import type { VmssIdentityBinding } from '../../src/api/types.ts';
import type { Stage } from './stage.ts';

export type BindingName = `${string}/${string}`;

/** The binding `namespace/name`; undefined when it is not there. */
export async function readBinding(stage: Stage, name: BindingName): Promise<VmssIdentityBinding | undefined> {
  const [namespace = '', object = ''] = name.split('/');
  const { stdout } = await stage.controlPlane.kubectl([
    'get',
    'vmssidentitybinding',
    object,
    `--namespace=${namespace}`,
    '--ignore-not-found',
    '--output=json',
  ]);
  return stdout.trim() === '' ? undefined : (JSON.parse(stdout) as VmssIdentityBinding);
}

/** The reason of its Ready condition, once the status speaks of the spec that is there now. */
export function reasonOf({ metadata, status }: VmssIdentityBinding): string | undefined {
  if (status.observedGeneration !== metadata.generation) return undefined;
  return status.conditions?.find(({ type }) => type === 'Ready')?.reason;
}
