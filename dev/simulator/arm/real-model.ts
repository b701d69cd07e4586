import type { JsonObject } from '../http.ts';
import type { ScaleSet } from '../state.ts';

/**
 * What Compute shows of a scale set besides what a test has written: the profile of its machines, their disks, networks
 * and extensions. Most of it are the addresses that a network plug-in reserves, one for each pod, which makes
 * some of AKS 15 kB. There are four models in all, and every scale set shows one of them, so that ten thousand cost no
 * more memory than four.
 */
export function realModel(set: Pick<ScaleSet, 'uniqueId'>): JsonObject {
  return models[parseInt(set.uniqueId.slice(0, 8), 16) % models.length] ?? {};
}

const group =
  '/subscriptions/00000000-0000-4000-8000-000000000000/resourceGroups/MC_platform-prod_aks-platform-prod_westeurope/providers';
const subnet = `${group}/Microsoft.Network/virtualNetworks/vnet-platform-prod-westeurope/subnets/snet-aks-user-nodes`;
const backendPools = `${group}/Microsoft.Network/loadBalancers/kubernetes/backendAddressPools`;
const publicKey = `ssh-rsa ${'AAAAB3NzaC1yc2EAAAADAQABAAABAQ'.repeat(12)} azureuser@linuxvm`;

const models: readonly JsonObject[] = [
  model({ addresses: 2, extensions: 2 }),
  model({ addresses: 11, extensions: 2 }),
  model({ addresses: 21, extensions: 3 }),
  model({ addresses: 31, extensions: 3 }),
];

function model(size: { readonly addresses: number; readonly extensions: number }): JsonObject {
  return {
    singlePlacementGroup: false,
    overprovision: false,
    doNotRunExtensionsOnOverprovisionedVMs: false,
    platformFaultDomainCount: 1,
    virtualMachineProfile: {
      osProfile: osProfile(),
      storageProfile: storageProfile(),
      networkProfile: networkProfile(size.addresses),
      extensionProfile: {
        extensions: [cseExtension(), monitorExtension(), billingExtension()].slice(0, size.extensions),
        extensionsTimeBudget: 'PT16M',
      },
      diagnosticsProfile: { bootDiagnostics: { enabled: true } },
      securityProfile: { uefiSettings: { secureBootEnabled: true, vTpmEnabled: true }, securityType: 'TrustedLaunch' },
      scheduledEventsProfile: { terminateNotificationProfile: { notBeforeTimeout: 'PT5M', enable: false } },
    },
  };
}

function osProfile(): JsonObject {
  return {
    computerNamePrefix: 'aks-nodepool1-25104785-vmss',
    adminUsername: 'azureuser',
    linuxConfiguration: {
      disablePasswordAuthentication: true,
      ssh: { publicKeys: [{ path: '/home/azureuser/.ssh/authorized_keys', keyData: publicKey }] },
      provisionVMAgent: true,
      enableVMAgentPlatformUpdates: false,
    },
    secrets: [],
    allowExtensionOperations: true,
    requireGuestProvisionSignal: true,
  };
}

function storageProfile(): JsonObject {
  const image = 'galleries/AKSUbuntu/images/2204gen2containerd/versions/202604.13.0';
  return {
    osDisk: {
      osType: 'Linux',
      createOption: 'FromImage',
      caching: 'ReadOnly',
      managedDisk: { storageAccountType: 'Premium_LRS' },
      diskSizeGB: 128,
    },
    dataDisks: [
      {
        lun: 0,
        createOption: 'Empty',
        caching: 'None',
        writeAcceleratorEnabled: false,
        managedDisk: { storageAccountType: 'Premium_LRS' },
        diskSizeGB: 256,
      },
    ],
    imageReference: { id: `${group}/Microsoft.Compute/${image}` },
    diskControllerType: 'SCSI',
  };
}

function networkProfile(addresses: number): JsonObject {
  return {
    networkInterfaceConfigurations: [
      {
        name: 'aks-nodepool1-25104785-vmss',
        properties: {
          primary: true,
          disableTcpStateTracking: false,
          enableAcceleratedNetworking: true,
          networkSecurityGroup: { id: `${group}/Microsoft.Network/networkSecurityGroups/aks-agentpool-25104785-nsg` },
          dnsSettings: { dnsServers: [] },
          enableIPForwarding: false,
          ipConfigurations: Array.from({ length: addresses }, (_, index) => ipConfiguration(index)),
        },
      },
    ],
  };
}

function ipConfiguration(index: number): JsonObject {
  const primary = index === 0;
  return {
    name: `ipconfig${String(index + 1)}`,
    properties: {
      primary,
      subnet: { id: subnet },
      privateIPAddressVersion: 'IPv4',
      ...(primary
        ? {
            loadBalancerBackendAddressPools: ['aksOutboundBackendPool', 'kubernetes'].map((name) => ({
              id: `${backendPools}/${name}`,
            })),
          }
        : {}),
    },
  };
}

function cseExtension(): JsonObject {
  return extension('vmssCSE', 'Microsoft.Azure.Extensions', 'CustomScript', '2.1', { skipDos2Unix: true });
}

function monitorExtension(): JsonObject {
  return extension('AzureMonitorLinuxAgent', 'Microsoft.Azure.Monitor', 'AzureMonitorLinuxAgent', '1.33', {
    authentication: { managedIdentity: { 'identifier-name': 'mi_res_id' } },
  });
}

function billingExtension(): JsonObject {
  return extension('AKSLinuxExtension', 'Microsoft.AKS', 'Compute.AKS.Linux.AKSNode', '1.175', {
    'disable-uu': 'true',
    'enable-uu': 'false',
    'node-exporter-tls': 'false',
  });
}

function extension(name: string, publisher: string, type: string, version: string, settings: JsonObject): JsonObject {
  return {
    name,
    properties: {
      autoUpgradeMinorVersion: true,
      enableAutomaticUpgrade: false,
      publisher,
      type,
      typeHandlerVersion: version,
      settings,
      suppressFailures: false,
    },
  };
}
