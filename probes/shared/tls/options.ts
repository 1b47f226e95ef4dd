import { isAbsolute } from 'node:path';
import { z } from 'zod';
import { inWords } from '../../../src/model/findings.ts';
import { once } from '../../../src/model/once.ts';
import type { ProbeFinding } from '../../../src/model/probe.ts';
import { flagOption, hostOption } from '../addressing.ts';

/** How an order wants TLS to be spoken: the same for all probes that do. */
export interface TlsOptions {
	/** Whether a certificate must be valid for the name. True unless told otherwise. */
	readonly tls_verify?: boolean | undefined;
	/** A file with the certificates to trust instead of the system's. */
	readonly tls_ca_file?: string | undefined;
	/** Files with our own certificate and its key. */
	readonly tls_cert_file?: string | undefined;
	readonly tls_key_file?: string | undefined;
	/** The name to ask for (SNI) and to be certified, where it is not that of the target. */
	readonly tls_server_name?: string | undefined;
}

const pathMax = 1000;

/** The path of a file on the machine that measures. */
export const fileOption = once(() =>
	z
		.string()
		.transform((text) => text.trim())
		.superRefine((path, context) => {
			if (isAbsolute(path) && path.length <= pathMax && !path.includes('\0')) return;
			const message = `is not a path from the root: ${inWords(path)}. Write one such as /etc/ssl/certs/example-ca.pem`;
			context.addIssue({ code: 'custom', message });
		}),
);

/** To be spread into the schema of a section. */
export const tlsOptions = {
	tls_verify: flagOption(),
	tls_ca_file: fileOption().optional(),
	tls_cert_file: fileOption().optional(),
	tls_key_file: fileOption().optional(),
	tls_server_name: hostOption().optional(),
} as const;

/** What does not go together. */
export function checkTls({ tls_cert_file: cert, tls_key_file: key }: TlsOptions): ProbeFinding[] {
	if ((cert === undefined) === (key === undefined)) return [];
	const [has, lacks] =
		cert === undefined ? ['tls_key_file', 'tls_cert_file'] : ['tls_cert_file', 'tls_key_file'];
	return [{ key: has, message: `needs ${lacks} beside it. Write both, or neither` }];
}
