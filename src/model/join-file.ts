import { z } from 'zod';
import { kafkaSasl } from './kafka-login.ts';
import { wrongWithPopName } from './pop.ts';

/** What a point of presence has to know to join a hub: written by `pop add`, JSON and so also YAML. */
const joinSchema = z.object({
	name: z.string().refine((name) => wrongWithPopName(name) === null),
	labels: z.record(z.string(), z.string()).default({}),
	place: z.tuple([z.number().min(-90).max(90), z.number().min(-180).max(180)]).optional(),
	/** Certificate and key in PEM by which it shows who it is; left out: as its config says, or none. */
	cert: z.string().optional(),
	key: z.string().optional(),
	/** The address of a hub that links over HTTPS. */
	hub: z.string().optional(),
	/** Certificates in PEM by which the hub is known; left out: those of this machine. */
	ca: z.string().optional(),
	/** By which the hub knows it. */
	token: z.string().min(20).max(200).optional(),
	/** Brokers that carry the link, where it is Kafka. */
	kafka: z
		.object({
			brokers: z.array(z.string()).min(1),
			prefix: z.string(),
			results: z.enum(['each', 'shared']),
			tls: z.boolean().optional(),
			/** Certificates in PEM by which brokers are known; left out: those of this machine. */
			ca: z.string().optional(),
			/** Left out: as its config says, or none. */
			sasl: kafkaSasl.optional(),
		})
		.optional(),
	/** The hub's public key: SPKI, DER, base64. */
	hub_key: z.string(),
});

export type Join = z.infer<typeof joinSchema>;

/** Null when it is nothing of the kind. */
export function readJoin(text: string): Join | null {
	try {
		const read = joinSchema.safeParse(JSON.parse(text));
		return read.success ? read.data : null;
	} catch {
		return null;
	}
}
