/** Writes small databases in the format MMDB, for IPv4 networks. */

type Value = string | number | { readonly [key: string]: Value };

/** A database of these networks, such as `192.0.2.0/24`, and what it says of each. */
export function mmdb(networks: Readonly<Record<string, Value>>): Buffer {
	// Nodes of a tree over the bits of addresses; a record is a node, or a place in the data.
	const nodes: [Record_, Record_][] = [[null, null]];
	const data: Buffer[] = [];
	let dataBytes = 0;
	for (const [network, value] of Object.entries(networks)) {
		const [address = '', length = '32'] = network.split('/');
		const word = address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
		const written = encoded(value);
		let node = 0;
		for (let bit = 0; bit < Number(length); bit++) {
			const side = Math.floor(word / 2 ** (31 - bit)) % 2 === 0 ? 0 : 1;
			const pair = nodes[node];
			if (pair === undefined) throw new Error('a network within another');
			if (bit === Number(length) - 1) pair[side] = { data: dataBytes };
			else {
				const next = pair[side];
				if (typeof next === 'number') node = next;
				else {
					nodes.push([null, null]);
					node = nodes.length - 1;
					pair[side] = node;
				}
			}
		}
		data.push(written);
		dataBytes += written.length;
	}
	const count = nodes.length;
	const tree = Buffer.alloc(count * 8);
	for (const [at, pair] of nodes.entries())
		for (const side of [0, 1] as const) tree.writeUInt32BE(recordOf(pair[side], count), at * 8 + side * 4);
	const metadata = {
		...{ binary_format_major_version: 2, binary_format_minor_version: 0, build_epoch: 1 },
		...{ database_type: 'Test-ASN', ip_version: 4, node_count: count, record_size: 32 },
		...{ description: {}, languages: 'en' },
	};
	const marker = Buffer.concat([Buffer.from([0xab, 0xcd, 0xef]), Buffer.from('MaxMind.com')]);
	return Buffer.concat([tree, Buffer.alloc(16), ...data, marker, encoded(metadata)]);
}

type Record_ = null | number | { readonly data: number };

function recordOf(record: Record_, count: number): number {
	if (record === null) return count;
	return typeof record === 'number' ? record : count + 16 + record.data;
}

const types = { text: 2, map: 7, number: 6 } as const;

function encoded(value: Value): Buffer {
	if (typeof value === 'string')
		return Buffer.concat([head(types.text, Buffer.byteLength(value)), Buffer.from(value)]);
	if (typeof value === 'number') {
		const bytes = Buffer.alloc(4);
		bytes.writeUInt32BE(value);
		return Buffer.concat([head(types.number, 4), bytes]);
	}
	const entries = Object.entries(value);
	const parts = entries.flatMap(([key, one]) => [encoded(key), encoded(one)]);
	return Buffer.concat([head(types.map, entries.length), ...parts]);
}

function head(type: number, size: number): Buffer {
	return size < 29 ? Buffer.from([type * 32 + size]) : Buffer.from([type * 32 + 29, size - 29]);
}
