import { ensureBinaries, startControlPlane } from '../dev/control-plane/index.ts';

/**
 * Starts the one control plane that all tests of a run share, and tells them of it by their environment:
 * `VMSS_TEST_KUBECONFIG` (an administrator's) and `VMSS_TEST_KUBECTL` (the kubectl of the same release).
 * Where both are set already, that control plane is used and left running: another project of the same run started it,
 * or whoever wants to look at it afterwards.
 */
export const setup = async (): Promise<(() => Promise<void>) | undefined> => {
  if (process.env['VMSS_TEST_KUBECONFIG'] !== undefined && process.env['VMSS_TEST_KUBECTL'] !== undefined) {
    return undefined;
  }
  const controlPlane = await startControlPlane();
  const { kubectl } = await ensureBinaries(['kubectl']);
  process.env['VMSS_TEST_KUBECONFIG'] = controlPlane.kubeconfigPath;
  process.env['VMSS_TEST_KUBECTL'] = kubectl;
  return () => controlPlane.stop();
};
