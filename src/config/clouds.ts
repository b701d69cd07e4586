/** The Azure clouds that can be named with `--cloud`. */
export type CloudName = 'public' | 'usgov' | 'china';

/** Where a cloud's control plane is. No URL ends in a slash. */
export interface Cloud {
  /** Azure Resource Manager. */
  readonly armEndpoint: string;
  /** The resource that an access token for Azure Resource Manager names. */
  readonly armAudience: string;
  /** Microsoft Entra ID. From that of China MSAL goes on to login.partner.microsoftonline.cn by itself. */
  readonly authorityHost: string;
}

/** The Azure SDKs have these hosts too, but their cloud setting changes the endpoint alone and leaves the token's audience public. */
export const clouds: Readonly<Record<CloudName, Cloud>> = {
  public: {
    armEndpoint: 'https://management.azure.com',
    armAudience: 'https://management.azure.com',
    authorityHost: 'https://login.microsoftonline.com',
  },
  usgov: {
    armEndpoint: 'https://management.usgovcloudapi.net',
    armAudience: 'https://management.usgovcloudapi.net',
    authorityHost: 'https://login.microsoftonline.us',
  },
  china: {
    armEndpoint: 'https://management.chinacloudapi.cn',
    armAudience: 'https://management.chinacloudapi.cn',
    authorityHost: 'https://login.chinacloudapi.cn',
  },
};
