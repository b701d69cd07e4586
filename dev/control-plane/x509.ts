/**
 * `@peculiar/x509` with what it needs at load: it registers its algorithms with tsyringe, which refuses to load without the
 * metadata reflection API and then asks it for constructor parameters, of which these classes have none.
 */
interface MetadataReflection {
  getMetadata?: () => unknown;
  getOwnMetadata?: () => unknown;
  defineMetadata?: () => void;
}

const reflection = Reflect as MetadataReflection;
reflection.getMetadata ??= () => undefined;
reflection.getOwnMetadata ??= () => undefined;
reflection.defineMetadata ??= () => undefined;

export const x509 = await import('@peculiar/x509');
