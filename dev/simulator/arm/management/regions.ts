import { fold } from '../../resource-id.ts';

export interface Region {
  readonly name: string;
  readonly displayName: string;
  readonly geographyGroup: string;
}

const byGeography: Readonly<Record<string, readonly string[]>> = {
  US: [
    ...['East US', 'East US 2', 'West US', 'Central US', 'North Central US', 'South Central US', 'West US 2'],
    ...['West Central US', 'West US 3'],
  ],
  Europe: [
    ...['North Europe', 'West Europe', 'UK South', 'UK West', 'France Central', 'Sweden Central'],
    ...['Germany West Central', 'Norway East', 'Switzerland North', 'Poland Central', 'Italy North', 'Spain Central'],
  ],
  'Asia Pacific': [
    ...['East Asia', 'Southeast Asia', 'Japan East', 'Japan West', 'Australia East', 'Australia Southeast'],
    ...['South India', 'Central India', 'West India', 'Korea Central', 'Korea South', 'New Zealand North'],
  ],
  'South America': ['Brazil South'],
  Canada: ['Canada Central', 'Canada East'],
  Africa: ['South Africa North'],
  'Middle East': ['UAE North', 'Qatar Central', 'Israel Central'],
};

/** The regions of this Azure. */
export const regions: readonly Region[] = Object.entries(byGeography).flatMap(([geographyGroup, names]) =>
  names.map((displayName) => ({ name: normalLocation(displayName), displayName, geographyGroup })),
);

/** ARM takes `West Europe` for `westeurope`, and shows the latter. */
export function normalLocation(location: string): string {
  return fold(location.replaceAll(' ', ''));
}

export function isRegion(location: string): boolean {
  return regions.some(({ name }) => name === normalLocation(location));
}
