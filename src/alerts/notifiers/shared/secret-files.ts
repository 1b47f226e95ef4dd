import { readFile } from 'node:fs/promises';
import { errnoWords } from '../../../model/errno.ts';

/** What a file with a secret or a certificate holds, without the line feed at its end. Throws what the user is to see. */
export async function readSecret(key: string, path: string | undefined): Promise<string | undefined> {
	if (path === undefined) return undefined;
	const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
		const words = (errnoWords as Readonly<Record<string, string>>)[error.code ?? ''] ?? error.message;
		throw new Error(`${key}: cannot read ${path}: ${words}`);
	});
	if (text.trim() === '') throw new Error(`${key}: ${path} is empty. Write the secret into it`);
	return text.trim();
}
