/** A control plane of its own, on which `deploy/` is installed: what it refuses there must not meet other tests. */
import { ensureBinaries, startControlPlane } from '../../../dev/control-plane/index.ts';

/** What a SubjectAccessReview asks about. */
export interface Asked {
  readonly verb: string;
  readonly group?: string;
  readonly resource: string;
  readonly subresource?: string;
  readonly name?: string;
  /** Left out: in all of them, or of the cluster. */
  readonly namespace?: string;
}

export interface Installed {
  /** The binary. */
  readonly kubectlPath: string;
  /** Of an administrator. */
  readonly kubeconfigPath: string;
  /** Runs kubectl as an administrator, and gives its standard output. */
  kubectl(args: readonly string[], stdin?: string): Promise<string>;
  /** What kubectl says against it; empty where it has nothing. */
  refusalOf(args: readonly string[], stdin?: string): Promise<string>;
  /** Which of these a user may, by the roles that are bound to it. */
  mayDo(user: string, asked: readonly Asked[]): Promise<readonly boolean[]>;
  close(): Promise<void>;
}

export async function openInstalled(options: { readonly controllerManager?: boolean } = {}): Promise<Installed> {
  const controlPlane = await startControlPlane(options);
  const { kubectl: kubectlPath } = await ensureBinaries(['kubectl']);
  const run = async (args: readonly string[], stdin = '', allowFailure = false) =>
    controlPlane.kubectl(args, { stdin, allowFailure });
  return {
    kubectlPath,
    kubeconfigPath: controlPlane.kubeconfigPath,
    kubectl: async (args, stdin) => (await run(args, stdin)).stdout,
    async refusalOf(args, stdin) {
      const { exitCode, stderr } = await run(args, stdin, true);
      return exitCode === 0 ? '' : stderr;
    },
    async mayDo(user, asked) {
      const items = asked.map((resourceAttributes) => ({
        apiVersion: 'authorization.k8s.io/v1',
        kind: 'SubjectAccessReview',
        spec: { user, groups: ['system:authenticated'], resourceAttributes },
      }));
      const stdin = JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
      const { stdout } = await run(['create', '-f', '-', '-o', 'jsonpath={.status.allowed}{"\\n"}'], stdin);
      return stdout
        .trim()
        .split('\n')
        .map((answer) => answer === 'true');
    },
    close: () => controlPlane.stop(),
  };
}
