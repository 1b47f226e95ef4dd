import type { OrderFinding } from '../model/order.ts';
import { wrongWithOrderId } from '../model/order-id.ts';
import { readMapping } from './yaml-mapping.ts';

/** Keys at the top of an order that are ours and were the application's own in the Perl pingmachine 1.6. */
const keysSince2 = [
	...[
		'expires',
		'once',
		'slots',
		'buckets',
		'title',
		'note',
		'link',
		'objective',
		'where',
		'route',
		'alerts',
	],
	'parents',
] as const;

/** What is another thing to this pingmachine than to 1.6 in an order: its name, or keys that were its writer's own. */
export function changesSince1(id: string, text: string): readonly OrderFinding[] {
	const wrong = wrongWithOrderId(id);
	const read = readMapping(text);
	const mapping = 'mapping' in read ? (read.mapping ?? {}) : {};
	const keys = keysSince2.filter((key) => Object.hasOwn(mapping, key));
	return [
		...(wrong === null ? [] : [{ message: `${wrong}: it will be rejected, and its results stay` }]),
		...keys.map((key) => ({
			key,
			message: `is pingmachine's own since 2.0. If whoever writes the order means something else by it, call it otherwise, such as my_${key}`,
		})),
	];
}
