import { z } from 'zod';
import { file, httpUrl, secret } from '../shared/settings.ts';

export const settings = z
	.strictObject({
		/** Of each member of the cluster. */
		url: z.union([httpUrl, z.array(httpUrl).min(1).max(16)]),
		username: z.string().min(1).optional(),
		password: secret,
		password_file: file,
		token: secret,
		token_file: file,
		tls_ca_file: file,
		tls_verify: z.boolean().default(true),
		/** Labels that every alert has besides. */
		labels: z.record(z.string().regex(/^[a-zA-Z_][a-zA-Z0-9_]*$/), z.string().min(1).max(1000)).default({}),
	})
	.refine(({ password, password_file }) => password === undefined || password_file === undefined, {
		path: ['password_file'],
		message: 'goes without password. Remove one of them',
	});

export type AlertmanagerSettings = z.infer<typeof settings>;

export function urlsOf({ url }: AlertmanagerSettings): readonly string[] {
	return typeof url === 'string' ? [url] : url;
}
