// Segments an image, or a folder of them, with a trained network. A process by the conventions of nf-core modules; it has not
// been run by Nextflow yet (docs/cluster.md). The container is the one of ../../../Containerfile: nf-core's registries have none.

process MICROGRAPH_PREDICT {
    tag "${meta.id}"
    label 'process_medium'

    container "registry.example.org/micrograph:0.1.0"
    // The program is its entry point; Nextflow needs a shell.
    containerOptions '--entrypoint ""'

    // 75: the GPU was lost, a shared folder did not answer, or the task was stopped. Other codes would come again.
    errorStrategy { task.exitStatus in [75, 130, 137, 143] ? 'retry' : 'finish' }
    maxRetries 3

    input:
    tuple val(meta), path(images, stageAs: 'images/*')
    tuple val(meta2), path(checkpoint)

    output:
    tuple val(meta), path("${prefix}/*.png")         , emit: images
    tuple val(meta), path("${prefix}/*-objects.csv") , emit: measurements, optional: true
    path "versions.yml"                              , emit: versions

    when:
    task.ext.when == null || task.ext.when

    script:
    def args = task.ext.args ?: ''
    prefix = task.ext.prefix ?: "${meta.id}"
    """
    micrograph \\
        predict \\
        --checkpoint ${checkpoint} \\
        --input images \\
        --output ${prefix} \\
        ${args}

    cat <<-END_VERSIONS > versions.yml
    "${task.process}":
        micrograph: \$(micrograph --version)
    END_VERSIONS
    """

    stub:
    prefix = task.ext.prefix ?: "${meta.id}"
    """
    mkdir ${prefix}
    touch ${prefix}/stub.png ${prefix}/stub-probability.png ${prefix}/stub-objects.csv

    cat <<-END_VERSIONS > versions.yml
    "${task.process}":
        micrograph: \$(micrograph --version)
    END_VERSIONS
    """
}
