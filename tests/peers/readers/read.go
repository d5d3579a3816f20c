// Reads every member of a corpus with Go's compress/gzip, and says how many there are.
package main

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"fmt"
	"io"
	"os"
)

func must(err error) {
	if err != nil {
		panic(err)
	}
}

func part(corpus *[]byte) []byte {
	length := binary.LittleEndian.Uint32(*corpus)
	taken := (*corpus)[4 : 4+length]
	*corpus = (*corpus)[4+length:]
	return taken
}

func main() {
	corpus, err := os.ReadFile(os.Args[1])
	must(err)
	count := 0
	for len(corpus) > 0 {
		source, packed := part(&corpus), bytes.NewReader(part(&corpus))
		member, err := gzip.NewReader(packed)
		must(err)
		member.Multistream(false)
		read, err := io.ReadAll(member)
		must(err)
		if !bytes.Equal(read, source) || packed.Len() > 0 {
			panic(fmt.Sprint("a source of ", len(source), " bytes"))
		}
		count++
	}
	fmt.Println(count)
}
