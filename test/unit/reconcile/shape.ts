/** The api-version that the worlds of a test file speak where a test does not say; the newest, unless the file sets it. */
import { latest } from '../simulator/azure.ts';

export const shape = { apiVersion: latest };
