import type { ResourceDescriptor } from '../../../src/kube/object.ts';
import type { ApiObject, JsonObject } from './api-object.ts';
import type { Cause } from './api-status.ts';

/** A kind that the server serves, with the rules that are its own. */
export interface ServedKind extends ResourceDescriptor {
  /** Of a custom resource definition. */
  readonly isCustom?: true;
  /** Has a status that only its subresource writes. */
  readonly hasStatus: boolean;
  /** Counts changes of anything but metadata and, where it is a subresource, status. */
  readonly countsGenerations: boolean;
  /** A PUT of an object that is not there creates it. */
  readonly createsOnUpdate: boolean;
  /** Its objects stay when they are deleted, until a controller lets them go. */
  readonly isHeld?: true;
  /** As it is stored: without what is not known, with defaults. */
  readonly normalise: (object: JsonObject) => JsonObject;
  /** What is wrong with it, metadata apart. */
  readonly validate: (next: ApiObject, previous: ApiObject | undefined) => readonly Cause[];
}

/** What tells the objects of a kind from those of another. */
export const collectionOf = ({ group, plural }: Pick<ResourceDescriptor, 'group' | 'plural'>): string =>
  group === '' ? plural : `${plural}.${group}`;
