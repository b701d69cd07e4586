/** What a test says of the world that it wants, and of what it makes in it. */
import type { ScaleSetSeed } from '../../dev/simulator/seed.ts';
import type { Deployment } from './account.ts';
import type { Cluster } from './api-server.ts';

export interface WorldOptions {
  /** Of the file: part of the names of all that it makes in the cluster. */
  readonly name: string;
  /** How long Azure takes for a write. Default: it is done at once. */
  readonly operationMs?: number;
  /** Of every operator that is started. */
  readonly flags?: readonly string[];
  /** Of the Lease; a write to Azure may take four ninths of it. Default: the shortest there is, 15 s. */
  readonly leaseSeconds?: number;
  /** How many clients of Azure there are, so that Azure can tell operators from each other. Default: one. */
  readonly clients?: number;
  /** How many subscriptions there are, all with the same names in them. Default: one. */
  readonly subscriptions?: number;
  /** The folder of `deploy/` whose rights, and flags that go with them, every operator has. Default: base. */
  readonly deployment?: Deployment;
  /** Default: the control plane that all files share. */
  readonly cluster?: Cluster;
}

export interface ScaleSetOptions extends Omit<ScaleSetSeed, 'name' | 'identity'> {
  /** Names of identities that others attached. */
  readonly foreign?: readonly string[];
  /** Others turned it on. */
  readonly systemAssigned?: boolean;
  /** Default: the world's first. */
  readonly subscription?: string;
}

export interface BindOptions {
  /** Default: the scale set's. */
  readonly name?: string;
  /** Default: the world's. */
  readonly namespace?: string;
}

export interface OperatorChanges {
  /** In place of the token that the simulated Entra trusts. */
  readonly token?: string;
  readonly flags?: readonly string[];
  /** In place of the world's, which leads straight to the API server. */
  readonly kubeconfig?: string;
  /** Which client of Azure it signs in as. Default: the first. */
  readonly client?: number;
  readonly environment?: Readonly<Record<string, string>>;
}
