
# PATH BYTES SECONDS -> fio's JSON
hl_fio() {
    if ! command -v fio >/dev/null; then
        echo "fio isn't installed" >&2
        return 69
    fi
    if [ -b "$1" ]; then
        hl_file=$1
    elif [ -d "$1" ]; then
        # Left by one that was killed.
        find "$1" -maxdepth 1 -name '.homelab-fio.*' -mmin +60 -exec rm -f {} +
        hl_file=$(mktemp "$1/.homelab-fio.XXXXXX") || return
    else
        echo "$1: neither a folder nor a block device" >&2
        return 66
    fi
    hl_words=$(
        [ -b "$hl_file" ] || trap 'rm -f "$hl_file"' EXIT HUP TERM PIPE
        # What isn't written to is opened so that it can't be.
        set -- --output-format=json "--filename=$hl_file" "--size=$2" "--runtime=$3" --time_based --direct=1 --ioengine=libaio
        if [ -b "$hl_file" ]; then
            set -- "$@" --readonly
        else
            set -- "$@" --name=write --rw=write --bs=1M --iodepth=16 "--name=random write" --stonewall --rw=randwrite --bs=4k --iodepth=1
        fi
        fio "$@" --name=read --stonewall --rw=read --bs=1M --iodepth=16 "--name=random read" --stonewall --rw=randread --bs=4k --iodepth=1 2>&1
    )
    hl_end=$?
    [ -b "$hl_file" ] || rm -f "$hl_file"
    if [ "$hl_end" -ne 0 ]; then
        printf '%s\n' "$hl_words" | sed '/^{/,$d' | tail -n 20 >&2
        return "$hl_end"
    fi
    printf '%s\n' "$hl_words" | sed -n '/^{/,$p'
}
