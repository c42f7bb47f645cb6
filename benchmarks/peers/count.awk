# Count the words of a file: mawk -f count.awk FILE
BEGIN { FS = "[ ]" }  # a single space; FS = " " would join several
$0 != "" { for (i = 1; i <= NF; i++) counts[$i]++ }
END { for (word in counts) print word ": " counts[word] }
