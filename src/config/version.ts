/** Replaced with a string literal when the bundle is built. */
declare const __VERSION__: string | undefined;

/** The operator's version; `development` when it runs from source. */
export const version: string = typeof __VERSION__ === 'string' ? __VERSION__ : 'development';
