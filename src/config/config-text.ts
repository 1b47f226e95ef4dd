import { readFileSync } from 'node:fs';
import { errnoWords, reasonIn } from '../model/errno.ts';
import type { OrderFinding } from '../model/order.ts';
import { type Mapping, readMapping } from '../reading/yaml-mapping.ts';

/**
 * The keys and values as they stand in a config file.
 *
 * @param bytes what is in it, if it has been read
 */
export function readConfigRoot(
	file: string,
	bytes?: Uint8Array,
): { readonly mapping: Mapping } | { readonly finding: OrderFinding } {
	const text = readText(file, bytes);
	if ('finding' in text) return text;
	const root = readMapping(text.text);
	return 'finding' in root ? root : { mapping: root.mapping ?? {} };
}

function readText(file: string, bytes?: Uint8Array): { text: string } | { finding: OrderFinding } {
	try {
		return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes ?? readFileSync(file)) };
	} catch (error) {
		return { finding: { message: reasonIn(error, reasons) } };
	}
}

const reasons: Readonly<Record<string, string>> = {
	ENOENT: `${errnoWords.ENOENT}. Write it, or leave out --config`,
	EACCES: `${errnoWords.EACCES}. Make it readable for the user pingmachine runs as`,
	EISDIR: `${errnoWords.EISDIR}. Name a file in it`,
	ERR_ENCODING_INVALID_ENCODED_DATA: 'is not valid UTF-8. Save it as UTF-8',
};
