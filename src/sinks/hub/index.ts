import { z } from 'zod';
import { hubFolder } from '../../model/pop.ts';
import type { Sink } from '../../model/sink.ts';

const path = z.string().startsWith('/', 'must be a path from the root');

const settings = z.strictObject({
	/** The file that `pingmachine pop add` made at the hub. */
	join: path,
	/** The same of who shows whom what; left out: as the join file says. */
	tls_ca_file: path.optional(),
	tls_cert_file: path.optional(),
	tls_key_file: path.optional(),
	tls_verify: z.boolean().optional(),
});

export type HubSinkSettings = z.infer<typeof settings>;

/** The hub that this is a point of presence of. `pop:` in the config makes it; it takes what the hub ordered. */
export const hub: Sink<HubSinkSettings> = {
	name: 'hub',
	settings,
	destination: ({ join }) => `hub of ${join}`,
	confirms: () => true,
	batch: { size: 1000, waitSeconds: 1 },
	outcomes: 'all',
	ordered: true,
	takes: ({ id }) => id.startsWith(`${hubFolder}/`),
	open: async (entry, tools) => (await import('./open.ts')).openHub(entry, tools),
};
