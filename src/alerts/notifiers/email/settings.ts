import { z } from 'zod';
import { file, secret } from '../shared/settings.ts';

/** An address, or a name with one in angle brackets; nothing that could become a second header or recipient. */
const address = z
	.string()
	.max(320)
	.regex(
		/^(?:[^<>\r\n,;]*<[^\s<>@,;]+@[^\s<>@,;]+>|[^\s<>@,;]+@[^\s<>@,;]+)$/,
		'must be an address such as ops@example.net',
	);

export const settings = z
	.strictObject({
		to: z.union([address, z.array(address).min(1).max(50)]),
		from: address.optional(),
		host: z.string().min(1).default('127.0.0.1'),
		port: z.int().min(1).max(65_535).default(25),
		/** `auto`: STARTTLS where the server has it; `required`: not without; `always`: TLS from the first byte on. */
		tls: z.enum(['auto', 'required', 'always', 'never']).default('auto'),
		tls_ca_file: file,
		tls_verify: z.boolean().default(true),
		username: z.string().min(1).optional(),
		password: secret,
		password_file: file,
		/** Whether a picture of the last hours is attached. */
		graph: z.boolean().default(true),
	})
	.refine(({ password, password_file }) => password === undefined || password_file === undefined, {
		path: ['password_file'],
		message: 'goes without password. Remove one of them',
	});

export type EmailSettings = z.infer<typeof settings>;

export function recipientsOf({ to }: EmailSettings): readonly string[] {
	return typeof to === 'string' ? [to] : to;
}
