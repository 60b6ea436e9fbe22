//! What comes with a command and is too large to be a part of it: a stream of bytes, read as it
//! comes.

use std::io::{self, BufRead, Read, Write};

use tokio::sync::mpsc;

/// Where it is read. It blocks the thread.
#[derive(Debug)]
pub struct Attachment {
    pieces: mpsc::Receiver<Vec<u8>>,
    piece: Vec<u8>,
    read: usize,
}

/// Where it is put in; its end is the end of the stream.
#[derive(Clone, Debug)]
pub struct AttachmentWriter(mpsc::Sender<Vec<u8>>);

/// Both ends of a stream. No more than a few pieces are on the way at a time.
pub fn attachment() -> (AttachmentWriter, Attachment) {
    let (sender, pieces) = mpsc::channel(PIECES_MAX);
    let attachment = Attachment {
        pieces,
        piece: Vec::new(),
        read: 0,
    };
    (AttachmentWriter(sender), attachment)
}

impl Attachment {
    /// A stream that ends at once.
    pub fn none() -> Self {
        attachment().1
    }
}

impl BufRead for Attachment {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        while self.read == self.piece.len() {
            match self.pieces.blocking_recv() {
                Some(piece) => (self.piece, self.read) = (piece, 0),
                None => return Ok(&[]),
            }
        }
        Ok(&self.piece[self.read..])
    }

    fn consume(&mut self, amount: usize) {
        self.read += amount;
    }
}

impl Read for Attachment {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.fill_buf()?.read(into)?;
        self.consume(read);
        Ok(read)
    }
}

impl AttachmentWriter {
    /// Puts in a piece; tells whether anybody reads.
    pub async fn put(&self, piece: Vec<u8>) -> bool {
        self.0.send(piece).await.is_ok()
    }
}

/// It blocks the thread.
impl Write for AttachmentWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let sent = self.0.blocking_send(bytes.to_vec());
        sent.map_err(|_| io::ErrorKind::BrokenPipe)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

const PIECES_MAX: usize = 4;
