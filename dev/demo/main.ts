/**
 * `npm run demo`: the main job from start to end, on a real kube-apiserver, a simulated Azure and the built operator.
 * Then it stays up to be played with; with `--once` it ends by itself, with 0 when every step showed what it must.
 */
import { describeChanges, describeIdentities, nameOf } from './azure-changes.ts';
import { openStage, type Stage } from './stage.ts';
import { DESCRIPTION, steps } from './steps.ts';

const BAD_INPUT = 2;
const HELP = `Usage: npm run demo [-- --once]

Starts kube-apiserver, a simulated Azure and the operator on this machine, applies examples/, and shows what comes of it.

  --once   end after the last step, with exit code 0 when every step showed what it must
  --help   this text
`;

const args = process.argv.slice(2);
const unknown = args.filter((argument) => argument !== '--once' && argument !== '--help');
if (args.includes('--help')) {
  process.stdout.write(HELP);
} else if (unknown.length > 0) {
  process.stderr.write(`unknown: ${unknown.join(' ')}\n\n${HELP}`);
  process.exitCode = BAD_INPUT;
} else {
  await demo(args.includes('--once'));
}

async function demo(once: boolean): Promise<void> {
  const interrupted = interruption();
  let stage: Stage | undefined;
  try {
    stage = await openStage((line) => say(`   ${line}`));
    say(`   ready (${DESCRIPTION})`);
    await Promise.race([play(stage), interrupted.then(() => Promise.reject(new Error('interrupted')))]);
    say(`\nEvery step showed what it must (${String(steps.length)} of ${String(steps.length)}).`);
    if (!once) {
      invite(stage);
      await interrupted;
    }
  } catch (error) {
    process.exitCode = 1;
    tell(error, stage);
  } finally {
    await stage?.close();
  }
}

async function play(stage: Stage): Promise<void> {
  for (const [index, step] of steps.entries()) {
    say(`\n== ${String(index + 1)}. ${step.title}`);
    const before = stage.azure.control.snapshot().scaleSets;
    await step.run(stage);
    const after = stage.azure.control.snapshot().scaleSets;
    const changes = describeChanges(before, after);
    say(changes.length === 0 ? '   Azure: nothing changed' : changes.map((line) => `   Azure: ${line}`).join('\n'));
    const { stdout } = await stage.controlPlane.kubectl(['get', 'vib', '--all-namespaces'], { allowFailure: true });
    say(indent(`$ kubectl get vib --all-namespaces\n${stdout}`));
  }
}

function invite(stage: Stage): void {
  const { azure, controlPlane } = stage;
  say('\nEverything stays up until Ctrl-C. To play with it, in another terminal:');
  say(`   export KUBECONFIG=${controlPlane.kubeconfigPath}`);
  say('   npm run kubectl -- get vib,vil,vip --all-namespaces');
  say(`   curl ${azure.httpUrl}/_control/state       # the simulated Azure, without a token`);
  say(`   Azure Resource Manager and Entra: ${azure.httpsUrl}   health and metrics: ${stage.operator.url}`);
  for (const scaleSet of azure.control.snapshot().scaleSets) {
    say(`   ${nameOf(scaleSet.id)}: ${describeIdentities(scaleSet)}`);
  }
}

/** Resolves at the first Ctrl-C or SIGTERM; the second ends the process at once. */
function interruption(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  let interrupted = false;
  const interrupt = (): void => {
    if (interrupted) process.exit(1);
    interrupted = true;
    say('\n   stopping');
    resolve(undefined);
  };
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', interrupt);
  return promise;
}

function tell(error: unknown, stage: Stage | undefined): void {
  process.stderr.write(`\nThe demo failed: ${error instanceof Error ? error.message : String(error)}\n`);
  const log = stage?.operator.log().trim().split('\n').slice(-20).join('\n');
  if (log !== undefined) process.stderr.write(`The end of the operator's log:\n${log}\n`);
}

function indent(text: string): string {
  return text.trimEnd().replaceAll(/^/gm, '   ');
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
