import { z } from 'zod';
import { faultsOfKafkaLogin, kafkaLoginKeys, usesTls } from '../../model/kafka-login.ts';

const broker = z
	.string()
	.regex(
		/^(?:\[[\da-fA-F:.]{2,45}\]|[^:\s,/@[\]]{1,255}):\d{1,5}$/,
		'must be HOST:PORT, such as kafka-1:9092',
	)
	.refine((text) => Number(text.slice(text.lastIndexOf(':') + 1)) <= 65_535, 'has a port above 65535');

const topic = z
	.string()
	.regex(/^[\w.-]{1,249}$/, 'must have 1 to 249 letters, digits, dots, - and _')
	.refine((name) => name !== '.' && name !== '..', 'cannot be . or ..');

/** Numbers and yes or no are fine as values. */
const headerText = z.union([z.string(), z.number(), z.boolean()]).transform(String);

const keys = z.strictObject({
	brokers: z.union([broker.transform((one) => [one]), z.array(broker).min(1).max(100)]),
	topic: topic.optional(),
	format: z.enum(['pingmachine', 'canary']).default('pingmachine'),
	/** With `format: canary`, where no point of presence measured. */
	canary_id: z.string().min(1).max(200).optional(),
	compression: z.enum(['none', 'gzip', 'snappy', 'lz4']).default('lz4'),
	headers: z.record(z.string().min(1).max(249), headerText).default({}),
	client_id: z
		.string()
		.regex(/^[\w.-]{1,249}$/, 'must have 1 to 249 letters, digits, dots, - and _')
		.default('pingmachine'),
	...kafkaLoginKeys,
});

type Keys = z.infer<typeof keys>;

/** What an entry `type: kafka` may say. */
export type KafkaSettings = Keys;

export const settings = keys.superRefine((entry, context) => {
	for (const [path, message] of faultsOfKafkaLogin(entry))
		context.addIssue({ code: 'custom', path: [...path], message });
});

export function topicOf({ topic, format }: KafkaSettings): string {
	return topic ?? (format === 'canary' ? 'canary-results' : 'pingmachine.results');
}

export function describeDestination(entry: KafkaSettings): string {
	return `kafka${usesTls(entry) ? 's' : ''}://${entry.brokers.join(',')}/${topicOf(entry)}`;
}
