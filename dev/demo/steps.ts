/** The steps of the demo: what is done, and what must come of it, on the simulated Azure and on the bindings. */
import { join } from 'node:path';

import type { ScaleSetSnapshot } from '../simulator/control/snapshot.ts';
import { describeIdentities, nameOf } from './azure-changes.ts';
import { type BindingName, readBinding, reasonOf } from './binding.ts';
import { INTERVAL_SECONDS, ROOT, type Stage } from './stage.ts';
import { eventually } from './wait.ts';

export interface Step {
  readonly title: string;
  /** Does something, and rejects when what must come of it does not. */
  run(stage: Stage): Promise<void>;
}

export const steps: readonly Step[] = [
  {
    title: 'A team binds two identities to a scale set that has others already',
    async run(stage) {
      await apply(stage, '01-first-binding.yaml');
      await expectReason(stage, 'shop/web', 'Assigned');
      await expectIdentities(stage, 'web', '(system-assigned) security-agent shop-queue shop-web');
    },
  },
  {
    title: 'Another team binds the same scale set: what the two declare adds up',
    async run(stage) {
      await apply(stage, '02-second-binding.yaml');
      await expectReason(stage, 'observability/web-metrics', 'Assigned');
      await expectIdentities(stage, 'web', '(system-assigned) metrics security-agent shop-queue shop-web');
    },
  },
  {
    title: 'A scale set of Flexible orchestration',
    async run(stage) {
      await apply(stage, '03-flexible.yaml');
      await expectReason(stage, 'batch/workers', 'Assigned');
      await expectIdentities(stage, 'batch-workers', 'batch');
    },
  },
  {
    title: 'A binding that no policy permits: Azure is not even asked',
    async run(stage) {
      await apply(stage, '05-not-permitted.yaml');
      await expectReason(stage, 'stranger/web', 'NotPermitted');
      await expectIdentities(stage, 'web', '(system-assigned) metrics security-agent shop-queue shop-web');
    },
  },
  {
    title: 'One identity does not exist: the other one is attached all the same',
    async run(stage) {
      await apply(stage, '06-missing-identity.yaml');
      await expectReason(stage, 'reports/reports', 'IdentityMissing');
      await expectIdentities(stage, 'reports', 'shop-web');
    },
  },
  {
    title: 'A binding that comes before its scale set',
    async run(stage) {
      await apply(stage, '04-not-there-yet.yaml');
      await expectReason(stage, 'preview/preview', 'ScaleSetNotFound');
    },
  },
  {
    title: 'The scale set appears in Azure, and is bound',
    async run(stage) {
      const { subscriptionId: id } = stage;
      const tenant = stage.azure.state.subscriptions.get(id)?.tenantId ?? '';
      const group = { name: 'shop', location: 'westeurope', scaleSets: [{ name: 'preview' }] };
      stage.azure.control.seed({ subscriptions: [{ id, tenant, resourceGroups: [group] }] });
      await expectReason(stage, 'preview/preview', 'Assigned');
      await expectIdentities(stage, 'preview', '(system-assigned) shop-web');
    },
  },
  {
    title: 'Someone strips a scale set of all user-assigned identities: those that are declared come back',
    async run(stage) {
      stage.azure.control.drift(scaleSet(stage, 'web').id, { kind: 'Strip' });
      await expectIdentities(stage, 'web', '(system-assigned) metrics shop-queue shop-web');
      await expectReason(stage, 'shop/web', 'Assigned');
      await expectReason(stage, 'observability/web-metrics', 'Assigned');
    },
  },
  {
    title: 'Someone attaches an identity by hand: it is theirs, and stays',
    async run(stage) {
      const agent = identity(stage, 'security-agent');
      stage.azure.control.drift(scaleSet(stage, 'web').id, { kind: 'Attach', identities: [agent] });
      await eventually('the ledger to list the identity that nobody declared', async () => {
        const { stdout } = await stage.controlPlane.kubectl(['get', 'vil', '--output=jsonpath={..spec.foreign}']);
        return stdout.toLowerCase().includes(agent.toLowerCase());
      });
      await expectIdentities(stage, 'web', '(system-assigned) metrics security-agent shop-queue shop-web');
    },
  },
  {
    title: 'Nothing changes: nothing is written, neither to Azure nor to Kubernetes',
    async run(stage) {
      const before = await writesSoFar(stage);
      const lists = listsSoFar(stage);
      await eventually('three looks at Azure', () => listsSoFar(stage) >= lists + 3);
      const after = await writesSoFar(stage);
      if (before !== after) throw new Error(`something was written at rest: before ${before}, after ${after}`);
    },
  },
  {
    title: 'A team deletes its binding: what was attached for it alone is taken back, and nothing else',
    async run(stage) {
      await stage.controlPlane.kubectl(['delete', 'vib', 'web', '--namespace=shop', '--timeout=60s']);
      await expectIdentities(stage, 'web', '(system-assigned) metrics security-agent shop-queue');
    },
  },
  {
    title: 'The other team deletes its binding too: the scale set is as its owner had it',
    async run(stage) {
      await stage.controlPlane.kubectl(['delete', 'vib', 'web-metrics', '--namespace=observability', '--timeout=60s']);
      await expectIdentities(stage, 'web', '(system-assigned) security-agent');
    },
  },
];

async function apply(stage: Stage, example: string): Promise<void> {
  await stage.controlPlane.kubectl(['apply', '--filename', join(ROOT, 'examples', example)]);
}

async function expectReason(stage: Stage, name: BindingName, reason: string): Promise<void> {
  let found: string | undefined;
  await eventually(`${name} to be ${reason}`, async () => {
    const binding = await readBinding(stage, name);
    found = binding === undefined ? 'gone' : reasonOf(binding);
    return found === reason;
  }).catch((error: unknown) => {
    throw new Error(`${name} is ${found ?? 'without a status'}, and should be ${reason}`, { cause: error });
  });
}

async function expectIdentities(stage: Stage, name: string, expected: string): Promise<void> {
  const found = (): string => {
    const { provisioningState, ...rest } = scaleSet(stage, name);
    return provisioningState === 'Succeeded' ? describeIdentities({ ...rest, provisioningState }) : provisioningState;
  };
  await eventually(`${name} to have ${expected}`, () => found() === expected).catch((error: unknown) => {
    throw new Error(`${name} has ${found()}, and should have ${expected}`, { cause: error });
  });
}

/**
 * Everything that a write would change: Azure's log of writes, and the versions of our objects. The binding with the
 * missing identity is left out: its status names the next attempt, and is written with each.
 */
async function writesSoFar(stage: Stage): Promise<string> {
  const azure = stage.azure.requests().filter(({ method }) => method !== 'GET' && method !== 'POST').length;
  const { stdout } = await stage.controlPlane.kubectl([
    'get',
    'vib,vil,vip',
    '--all-namespaces',
    '--output=jsonpath={range .items[*]}{.kind}/{.metadata.name}:{.metadata.resourceVersion}{"\\n"}{end}',
  ]);
  const objects = stdout.split('\n').filter((line) => !line.startsWith('VmssIdentityBinding/reports:'));
  return `${String(azure)} writes to Azure; ${objects.join(' ').trim()}`;
}

function listsSoFar({ azure }: Stage): number {
  return azure.requests().filter(({ method, path }) => method === 'GET' && /virtualMachineScaleSets$/i.test(path))
    .length;
}

function scaleSet({ azure }: Stage, name: string): ScaleSetSnapshot {
  const found = azure.control.snapshot().scaleSets.find(({ id }) => nameOf(id) === name);
  if (found === undefined) throw new Error(`the simulated Azure has no scale set ${name}`);
  return found;
}

function identity({ azure }: Stage, name: string): string {
  return azure.control.snapshot().identities.find(({ id }) => nameOf(id) === name)?.id ?? '';
}

export const DESCRIPTION = `drift is looked for every ${String(INTERVAL_SECONDS)} s here, every 10 min by default`;
