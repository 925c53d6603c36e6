/* eslint-disable @n8n/community-nodes/no-restricted-imports -- the sandbox runs on Node, not inside n8n */
import { deflateSync } from 'node:zlib';

/** A small PDF of one page, which readers open. Latin letters only: it uses one of the fonts that every reader has. */
export function pdfOf(lines: readonly string[]): Buffer {
	const shown = lines.map((line) => `(${line.replace(/[\\()]/g, '\\$&')}) Tj T*`).join('\n');
	const content = `BT /F1 12 Tf 16 TL 56 780 Td\n${shown}\nET`;
	const objects = [
		'<< /Type /Catalog /Pages 2 0 R >>',
		'<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
		'<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>',
		`<< /Length ${content.length} >>\nstream\n${content}\nendstream`,
		'<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>',
	];
	let text = '%PDF-1.4\n';
	const offsets = objects.map((object, index) => {
		const offset = text.length;
		text += `${index + 1} 0 obj\n${object}\nendobj\n`;
		return offset;
	});
	const count = objects.length + 1;
	const entries = offsets.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`).join('');
	const table = `xref\n0 ${count}\n0000000000 65535 f \n${entries}`;
	const trailer = `trailer\n<< /Size ${count} /Root 1 0 R >>\nstartxref\n${text.length}\n%%EOF\n`;
	return Buffer.from(text + table + trailer, 'latin1');
}

/** The check sum of PNG's parts (CRC-32). */
function checkSum(bytes: Buffer): number {
	let sum = 0xffffffff;
	for (const byte of bytes) {
		sum ^= byte;
		for (let bit = 0; bit < 8; bit += 1) sum = (sum >>> 1) ^ (sum & 1 ? 0xedb88320 : 0);
	}
	return ~sum >>> 0;
}

function pngPart(type: string, data: Buffer): Buffer {
	const named = Buffer.concat([Buffer.from(type), data]);
	const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
	length.writeUInt32BE(data.length);
	sum.writeUInt32BE(checkSum(named));
	return Buffer.concat([length, named, sum]);
}

export type Colour = readonly [red: number, green: number, blue: number];

/** A PNG image of pixels. */
export function pngOf(width: number, height: number, pixel: (x: number, y: number) => Colour): Buffer {
	const header = Buffer.alloc(13);
	header.writeUInt32BE(width, 0);
	header.writeUInt32BE(height, 4);
	// 8 bits for each of red, green and blue.
	header.set([8, 2], 8);
	const rows = Array.from({ length: height }, (_row, y) => [
		0,
		...Array.from({ length: width }, (_pixel, x) => pixel(x, y)).flat(),
	]);
	return Buffer.concat([
		Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
		pngPart('IHDR', header),
		pngPart('IDAT', deflateSync(Buffer.from(rows.flat()))),
		pngPart('IEND', Buffer.alloc(0)),
	]);
}

/** A CSV file, with the mark by which spreadsheets know that it is UTF-8. */
export function csvOf(rows: ReadonlyArray<ReadonlyArray<string | number>>): Buffer {
	const cell = (value: string | number) =>
		/[",\r\n]/.test(String(value)) ? `"${String(value).replace(/"/g, '""')}"` : String(value);
	return Buffer.from(`\uFEFF${rows.map((row) => row.map(cell).join(',')).join('\r\n')}\r\n`);
}
