import { isJsonObject, type JsonObject } from '../http.ts';

/**
 * What a client asks to have in its token (`claims`, OpenID Connect Core 5.5). Only its capabilities matter here: with
 * `cp1` it says that it handles claims challenges. A moment of issue (`nbf`), which a challenge asks for, every new token satisfies.
 * @param text the parameter as it was sent; null: it was not
 * @returns the capabilities; undefined when it is not a JSON object
 */
export function requestedCapabilities(text: string | null): readonly string[] | undefined {
  if (text === null) return [];
  const claims = parse(text);
  if (claims === undefined) return undefined;
  const inAccessToken = claims['access_token'];
  const asked = isJsonObject(inAccessToken) ? inAccessToken['xms_cc'] : undefined;
  const values = isJsonObject(asked) ? asked['values'] : undefined;
  return Array.isArray(values) ? values.filter((value) => typeof value === 'string') : [];
}

function parse(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
