import { z } from 'zod';
import { lineFormat } from '../shared/settings.ts';

export const settings = z.strictObject({ format: lineFormat });

/** What an entry `type: stdout` may say. */
export type StdoutSettings = z.infer<typeof settings>;
