import { ensureBinaries, startControlPlane } from '../dev/control-plane/index.ts';

/**
 * Starts the one control plane that all tests of a run share, and tells them of it by their environment:
 * `VMSS_TEST_KUBECONFIG` (an administrator's), `VMSS_TEST_KUBECTL` (the kubectl of the same release), and
 * `VMSS_TEST_AUDIT_LOG` (what service accounts ask for).
 * Where the first two are set already, that control plane is used and left running: another project of the same run started it,
 * or whoever wants to look at it afterwards.
 */
export const setup = async (): Promise<(() => Promise<void>) | undefined> => {
  if (process.env['VMSS_TEST_KUBECONFIG'] !== undefined && process.env['VMSS_TEST_KUBECTL'] !== undefined) {
    return undefined;
  }
  const controlPlane = await startControlPlane({ auditLog: 'service-accounts' });
  const { kubectl } = await ensureBinaries(['kubectl']);
  process.env['VMSS_TEST_KUBECONFIG'] = controlPlane.kubeconfigPath;
  process.env['VMSS_TEST_KUBECTL'] = kubectl;
  process.env['VMSS_TEST_AUDIT_LOG'] = controlPlane.auditLogPath;
  return () => controlPlane.stop();
};
