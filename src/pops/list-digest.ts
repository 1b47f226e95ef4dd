import { createHash } from 'node:crypto';

/** What tells whether two have the same orders: by id the number of the news that brought it. */
export function listDigest(seqs: ReadonlyMap<string, number>): string {
	const hash = createHash('sha256');
	for (const id of [...seqs.keys()].sort()) hash.update(`${id}\0${seqs.get(id)}\n`);
	return hash.digest('base64');
}
