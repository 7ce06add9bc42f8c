import { describe, expect, it } from 'vitest';
import { LONGEST_SIGNATURE, sniff } from '../../src/image/signature.js';

function named(bytes: Uint8Array): string {
  const signature = sniff(bytes);
  return typeof signature === 'string' ? signature : signature.name;
}

function hex(text: string): Buffer {
  return Buffer.from(text.replaceAll(' ', ''), 'hex');
}

function ftyp(...brands: readonly string[]): Buffer {
  const [major, ...compatible] = brands;
  const box = Buffer.from(`\0\0\0\0ftyp${major}\0\0\0\0${compatible.join('')}`, 'latin1');
  box.writeUInt32BE(box.length, 0);
  return box;
}

function icon(count: number, length: number, offset: number): Buffer {
  const head = Buffer.alloc(22);
  head.writeUInt16LE(1, 2);
  head.writeUInt16LE(count, 4);
  head.writeUInt32LE(length, 14);
  head.writeUInt32LE(offset, 18);
  return head;
}

describe('sniff', () => {
  it.each([
    ['JPEG', 'ff d8 ff'],
    ['PNG', '89 50 4e 47 0d 0a 1a 0a'],
    ['GIF', '47 49 46 38 37 61'],
    ['GIF', '47 49 46 38 39 61'],
    ['WebP', '52 49 46 46 01 02 03 04 57 45 42 50'],
    ['TIFF', '49 49 2a 00'],
    ['TIFF', '4d 4d 00 2a'],
    ['TIFF', '49 49 2b 00 08 00 00 00'],
    ['TIFF', '4d 4d 00 2b 00 08 00 00'],
    ['JPEG XL codestream', 'ff 0a'],
    ['JPEG XL', '00 00 00 0c 4a 58 4c 20 0d 0a 87 0a'],
    ['JPEG 2000 codestream', 'ff 4f ff 51'],
    ['JPEG 2000', '00 00 00 0c 6a 50 20 20 0d 0a 87 0a'],
    ['BMP', '42 4d 01 02 03 04 00 00 00 00 36 00 00 00 28 00 00 00'],
    ['ICO', '00 00 01 00 01 00 10 10 00 00 01 00 20 00 68 04 00 00 16 00 00 00'],
    ['CUR', '00 00 02 00 01 00 10 10 00 00 01 00 01 00 68 04 00 00 16 00 00 00'],
  ])('knows %s by %s, and asks for more at every byte before', (name, text) => {
    const magic = hex(text);
    expect(named(magic)).toBe(name);
    for (let length = 0; length < magic.length; length++)
      expect(named(magic.subarray(0, length))).toBe('more');
    for (let at = 0; at < magic.length; at++) {
      const longer = Buffer.concat([magic, Buffer.alloc(40, at * 7)]);
      expect(named(longer)).toBe(name);
    }
  });

  it.each([
    ['a page', '<!doctype html><svg></svg>'],
    ['a page', '<!DOCTYPE html><svg></svg>'],
    ['a page after a comment', '<!-- <svg> --> <html><svg></svg></html>'],
    ['a feed', '<?xml version="1.0"?><rss><svg/></rss>'],
    ['JSON', '{"error": 404}'],
    ['text', 'BMW makes cars; this is a text about them'],
    ['text after white space', '\n  hello <svg/>'],
    ['RIFF audio', 'RIFF\x24\0\0\0WAVEfmt '],
    ['PDF', '%PDF-1.7'],
    ['video', '\0\0\0\x18ftypmp42\0\0\0\0isommp42'],
    ['an end tag', '</svg>'],
    ['a font', '\0\x01\0\0\0\x0e\0\x80'],
    ['BigTIFF with offsets of 4 bytes', 'II+\0\x04\0\0\0'],
  ])('knows that %s is no image', (_, text) => {
    expect(named(Buffer.from(text, 'latin1'))).toBe('unknown');
  });

  it('tells AVIF, HEIC and HEIF by the major brand, then by compatible ones', () => {
    expect(named(ftyp('avif', 'mif1'))).toBe('AVIF');
    expect(named(ftyp('avis', 'msf1'))).toBe('AVIF');
    expect(named(ftyp('heic', 'mif1'))).toBe('HEIC');
    expect(named(ftyp('heix'))).toBe('HEIC');
    expect(named(ftyp('mif1', 'heic'))).toBe('HEIC');
    expect(named(ftyp('mif1', 'miaf', 'avif'))).toBe('AVIF');
    expect(named(ftyp('mif1', 'miaf'))).toBe('HEIF');
    expect(named(ftyp('MA1B', 'mif1', 'avif'))).toBe('AVIF');
    expect(named(ftyp('isom', 'mp42'))).toBe('unknown');
  });

  it('does not take the minor version for a brand', () => {
    const box = ftyp('isom', 'mp42');
    box.write('avif', 12, 'latin1');
    expect(named(box)).toBe('unknown');
  });

  it('waits for the whole ftyp box, but not for one longer than a signature may be', () => {
    const box = ftyp('isom', ...Array.from({ length: 30 }, () => 'mp42'), 'avif');
    for (let length = 0; length < box.length; length++) expect(named(box.subarray(0, length))).toBe('more');
    expect(named(box)).toBe('AVIF');
    box.writeUInt32BE(LONGEST_SIGNATURE + 4, 0);
    expect(named(box)).toBe('unknown');
  });

  it('takes a ftyp box of 256 bytes, which begins as an icon does, for what it is', () => {
    const box = ftyp('avif', ...Array.from({ length: 60 }, () => 'mif1'));
    expect(box.length).toBe(256);
    expect(named(box)).toBe('AVIF');
  });

  it('refuses an icon whose first entry makes no sense', () => {
    expect(named(icon(1, 10, 22))).toBe('ICO');
    expect(named(icon(0, 10, 22))).toBe('unknown');
    expect(named(icon(1, 0, 22))).toBe('unknown');
    expect(named(icon(2, 10, 22))).toBe('unknown');
    expect(named(icon(1001, 10, 99999))).toBe('unknown');
  });

  it('refuses a "BM" whose second header has no known size', () => {
    expect(named(hex('42 4d 01 02 03 04 00 00 00 00 36 00 00 00 29'))).toBe('unknown');
    expect(named(hex('42 4d 01 02 03 04 00 00 00 00 36 00 00 00 28 01'))).toBe('unknown');
  });

  it.each([
    ['a lone root', '<svg>'],
    ['an empty root', '<svg/'],
    ['a prefix', '<x:svg '],
    ['a byte order mark', '\u00ef\u00bb\u00bf<svg>'],
    [
      'a declaration, a comment and a document type',
      '<?xml version="1.0"?><!--x--><!DOCTYPE svg [<!ENTITY a ">">]> <svg>',
    ],
    ['white space', '\r\n\t <svg>'],
  ])('knows an SVG with %s', (_, text) => {
    const body = Buffer.from(text, 'latin1');
    expect(named(body)).toBe('SVG');
    for (let length = 0; length < body.length; length++) expect(named(body.subarray(0, length))).toBe('more');
  });

  it('knows an SVG in UTF-16 with and without a byte order mark', () => {
    const text = '<?xml version="1.0"?><svg>';
    const little = Buffer.from(text, 'utf16le');
    expect(named(little)).toBe('SVG');
    expect(named(Buffer.from(text, 'utf16le').swap16())).toBe('SVG');
    expect(named(Buffer.from(`\ufeff${text}`, 'utf16le'))).toBe('SVG');
    expect(named(Buffer.from(`\ufeff${text}`, 'utf16le').swap16())).toBe('SVG');
    expect(named(Buffer.from('\ufeff<html>', 'utf16le'))).toBe('unknown');
  });

  it('looks for the root element no further than LONGEST_SIGNATURE', () => {
    const comment = (length: number) => Buffer.from(`<!--${' '.repeat(length - 12)}--><svg>`);
    expect(named(comment(LONGEST_SIGNATURE))).toBe('SVG');
    expect(named(comment(LONGEST_SIGNATURE + 1))).toBe('unknown');
    expect(named(comment(LONGEST_SIGNATURE + 1).subarray(0, LONGEST_SIGNATURE - 1))).toBe('more');
  });
});
