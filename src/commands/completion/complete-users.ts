import { listOrderFiles } from '../../orders/list-orders.ts';
import { readMapping } from '../../reading/yaml-mapping.ts';
import { readSmallText } from '../shared/small-text.ts';

/** There are few users, and reading takes time. */
const mostOrdersRead = 1000;

/** The users of orders; of many orders only every so many are looked at. */
export function usersIn(baseDir: string): readonly string[] {
	const { files } = listOrderFiles(`${baseDir}/orders`, () => true);
	const ids = files.map(({ id }) => id);
	const every = Math.ceil(ids.length / mostOrdersRead);
	return ids
		.filter((_, index) => index % every === 0)
		.flatMap((id) => {
			const file = readSmallText(`${baseDir}/orders/${id}`);
			const read = file !== null && 'text' in file ? readMapping(file.text) : { mapping: null };
			const user = 'mapping' in read ? read.mapping?.['user'] : null;
			return typeof user === 'string' || typeof user === 'number' ? [String(user)] : [];
		});
}
