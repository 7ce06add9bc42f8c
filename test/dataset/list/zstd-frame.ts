/** The lines `http://a.test/0.jpg` to `http://a.test/39.jpg` as one frame of zstd, with a checksum, made by libzstd. */
export const ZSTD = Buffer.from(
  'KLUv/WQ+AgUEAAJEDRSQRekgkBw2sTstY+1bk5H/mTk5lOUkVKZt27b9/3+SJEkaoyAGobOchCqwCyRXiNmR7gABJyCAo9ID' +
    'tNCXZrSgj2ZpoQ/NaEEfzdBCH83SQh+aTUsV+qjRbBot0uiLRjNotDyjzxnNzWhjfmwiyU1YIpJLmESSYwlzcrwDF5YWnA==',
  'base64',
);

/** A frame that holds nothing of the content (RFC 8878 section 3.1.2). */
export const SKIPPABLE = Buffer.from('512a4d1805000000736b697021', 'hex');
