/* eslint-disable @n8n/community-nodes/no-restricted-globals -- runs on Node, not inside n8n */
/** Lets time pass until something is so. */
export async function until(condition: () => boolean): Promise<void> {
	const from = performance.now();
	while (!condition()) {
		if (performance.now() - from > 10_000) throw new Error('It never came so far');
		await new Promise((resolve) => setTimeout(resolve, 5));
	}
}
